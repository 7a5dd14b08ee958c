// The shape of records on the wire, for whoever lays out plaintext between.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tunnel::tls {

using Bytes = std::vector<std::byte>;

inline constexpr std::size_t record_header_size = 5;
// The most plaintext that a record holds (RFC 8446 section 5.1, RFC 5246 section 6.2.1).
inline constexpr std::size_t max_plaintext = 16384;

// How long the record at the start of `wire` is, by its header; 0 until that has come.
inline std::size_t whole_record_size(std::span<const std::byte> wire) {
  if (wire.size() < record_header_size) return 0;
  return record_header_size +
         (std::to_integer<std::size_t>(wire[3]) << 8 | std::to_integer<std::size_t>(wire[4]));
}

// The room that a record needs around its plaintext.
struct RecordLayout {
  std::size_t head = 0;
  std::size_t tail = 0;
  constexpr std::size_t size(std::size_t plain) const { return head + plain + tail; }
};

}  // namespace tunnel::tls
