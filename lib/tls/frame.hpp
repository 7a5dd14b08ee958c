// The shape of records on the wire, for whoever lays out plaintext between.
#pragma once

#include <cstddef>
#include <vector>

namespace tunnel::tls {

using Bytes = std::vector<std::byte>;

inline constexpr std::size_t record_header_size = 5;
// The most plaintext that a record holds (RFC 8446 section 5.1, RFC 5246 section 6.2.1).
inline constexpr std::size_t max_plaintext = 16384;

// The room that a record needs around its plaintext.
struct Frame {
  std::size_t head = 0;
  std::size_t tail = 0;
  constexpr std::size_t size(std::size_t plain) const { return head + plain + tail; }
};

}  // namespace tunnel::tls
