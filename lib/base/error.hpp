// A failure in words with the next step, and Result<T>: a value or such a failure.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace tunnel {

// What happened and why, in lower case without a full stop; `hint` is the next step, may be empty.
struct Error {
  std::string what;
  std::string hint = {};

  std::string message() const { return hint.empty() ? what : what + "; " + hint; }
};

// Spelled like std::expected<T, Error>. Reading the side that is not there is a bug.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    assert(has_value());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    assert(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

}  // namespace tunnel
