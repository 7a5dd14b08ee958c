// A receive that doesn't wait, and the few bytes that came with the wait before it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "net/io.hpp"

namespace tunnel::net {

struct ReadResult {
  std::size_t n = 0;
  bool would_block = false;
  ErrorCode error;  // eof, or worse
};

template <class MutableBuffers>
ReadResult receive_now(Socket& socket, const MutableBuffers& into) {
  ReadResult out;
  out.n = socket.read_some(into, out.error);
  out.would_block = out.error == asio::error::would_block || out.error == asio::error::try_again;
  if (out.would_block) out.error = {};
  return out;
}

// Waits for readability by a small read: that costs a quiet connection a few bytes, but no system
// call to arm the wait. A small message is then received already; the rest of a large one follows.
class FirstBytes {
 public:
  // A ping of 64 bytes is 86 as a record.
  static constexpr std::size_t size = 96;

  asio::mutable_buffer room() { return asio::buffer(bytes_); }
  // A cancelled wait brings nothing, and is no error of the connection.
  void on_received(std::size_t n, const ErrorCode& error) {
    n_ = n;
    error_ = error == asio::error::operation_aborted ? ErrorCode{} : error;
  }

  // Moves them to the start of a block. Their result stands for the whole receive unless more may
  // follow.
  ReadResult take(std::span<std::byte> block) {
    ReadResult out{n_, false, error_};
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
