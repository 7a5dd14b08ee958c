// Plaintext as it lies in a block of opened records: a few long pieces, with gaps between them.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <span>

namespace tunnel::tls {

// All lie in the same memory, one behind the other. Long ones stay where they are; short ones are
// moved up to the end of the piece before.
class Fragments {
 public:
  // As many full records as a block of 256 KiB holds, and some.
  static constexpr std::size_t capacity = 20;

  void add(std::span<std::byte> piece) {
    if (piece.empty()) return;
    size_ += piece.size();
    if (count_ > 0 && (piece.size() < long_enough || count_ == capacity)) {
      std::span<std::byte>& last = pieces_[count_ - 1];
      std::memmove(last.data() + last.size(), piece.data(), piece.size());
      last = {last.data(), last.size() + piece.size()};
    } else {
      pieces_[count_++] = piece;
    }
  }

  std::span<const std::span<std::byte>> all() const { return std::span(pieces_).first(count_); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear() { count_ = size_ = 0; }

 private:
  // Below this, moving is cheaper than another element in a gathered write.
  static constexpr std::size_t long_enough = 1024;

  std::array<std::span<std::byte>, capacity> pieces_;
  std::size_t count_ = 0;
  std::size_t size_ = 0;
};

}  // namespace tunnel::tls
