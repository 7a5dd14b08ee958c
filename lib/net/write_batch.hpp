// The fragments that one write sends, in order.
#pragma once

#include <algorithm>
#include <array>
#include <span>

#include "net/io.hpp"
#include "tls/record/fragments.hpp"

namespace tunnel::net {

class WriteBatch {
 public:
  // Nothing is copied: the bytes must stay until they are sent.
  void add(std::span<const std::byte> fragment) {
    if (!fragment.empty()) buffers_[count_++] = asio::buffer(fragment.data(), fragment.size());
  }
  void consume(std::size_t n) {
    while (n > 0) {
      asio::const_buffer& first = buffers_[first_];
      const std::size_t step = std::min(n, first.size());
      first += step;
      n -= step;
      if (first.size() == 0) ++first_;
    }
    if (empty()) clear();
  }
  void clear() { first_ = count_ = 0; }
  bool empty() const { return first_ == count_; }
  // A ConstBufferSequence, good until the next call.
  std::span<const asio::const_buffer> buffers() const {
    return std::span(buffers_).subspan(first_, count_ - first_);
  }

 private:
  // Fragments, and the output of an engine before and behind them.
  std::array<asio::const_buffer, tls::Fragments::capacity + 2> buffers_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

// A send that doesn't wait. A single fragment, which is what sealed records are, needs no iovec
// list.
inline std::size_t send_now(Socket& socket, const WriteBatch& batch, ErrorCode& error) {
  const auto buffers = batch.buffers();
  return buffers.size() == 1 ? socket.write_some(buffers.front(), error)
                             : socket.write_some(buffers, error);
}

}  // namespace tunnel::net
