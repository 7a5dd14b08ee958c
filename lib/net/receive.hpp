// One receive without waiting, and the few bytes that a wait may have brought before it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "net/io.hpp"

namespace tunnel::net {

struct Receipt {
  std::size_t n = 0;
  bool would_block = false;
  ErrorCode error;  // eof, or worse
};

template <class MutableBuffers>
Receipt receive_now(Socket& socket, const MutableBuffers& into) {
  Receipt out;
  out.n = socket.read_some(into, out.error);
  out.would_block = out.error == asio::error::would_block || out.error == asio::error::try_again;
  if (out.would_block) out.error = {};
  return out;
}

// A wait by a small read: it costs a quiet connection a few bytes, and no call to arm the wait.
// A small message is then received already; of a large one the rest follows.
class FirstBytes {
 public:
  // A ping of 64 bytes is 86 as a record.
  static constexpr std::size_t size = 96;

  asio::mutable_buffer room() { return asio::buffer(bytes_); }
  // A wait that was cancelled has brought nothing, and is no error of the connection.
  void on_received(std::size_t n, const ErrorCode& error) {
    n_ = n;
    error_ = error == asio::error::operation_aborted ? ErrorCode{} : error;
  }

  // Moves them to the start of a block; they are gone here. Their receipt stands for the whole
  // receive unless more may follow.
  Receipt take(std::span<std::byte> block) {
    Receipt out{n_, false, error_};
    std::copy_n(bytes_.begin(), n_, block.begin());
    n_ = 0;
    error_ = {};
    return out;
  }
  bool empty() const { return n_ == 0 && !error_; }
  bool full() const { return n_ == size; }

 private:
  std::array<std::byte, size> bytes_;
  std::size_t n_ = 0;
  ErrorCode error_;
};

}  // namespace tunnel::net
