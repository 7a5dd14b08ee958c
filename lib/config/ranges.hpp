// Ranges of addresses ("192.0.2.0/24", RFC 4632; "2001:db8::/32", RFC 4291 section 2.3), and access
// lists made of them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace tunnel::config {

// An address to compare: an IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) equals the IPv4
// one, and a zone isn't part of it.
class Address {
 public:
  // 4 or 16 bytes in network order.
  explicit Address(std::span<const std::uint8_t> bytes);

  bool is_ipv4() const { return ipv4_; }
  unsigned bits() const { return ipv4_ ? 32 : 128; }
  // The bit counted from the left, from 0.
  bool bit(unsigned index) const { return (bytes_[index / 8] >> (7 - index % 8) & 1) != 0; }
  void flip(unsigned index) { bytes_[index / 8] ^= static_cast<std::uint8_t>(0x80 >> index % 8); }
  // Whether the first `prefix` bits are the same. Both are of one family.
  bool same_prefix(const Address& other, unsigned prefix) const;
  // With all but the first `prefix` bits cleared.
  Address network(unsigned prefix) const;
  // 127.0.0.1 or ::1, but not the rest of 127.0.0.0/8.
  bool is_loopback() const;

  // IPv6 in the form of RFC 5952.
  std::string text() const;
  auto operator<=>(const Address&) const = default;

 private:
  bool ipv4_;
  std::array<std::uint8_t, 16> bytes_{};  // IPv4: the first four
};

// The addresses of one family that share the first `prefix` bits with `first`, whose other bits are
// zero.
struct Range {
  Address first;
  unsigned prefix = 0;

  bool contains(const Address& address) const;
  bool contains(const Range& other) const;
  bool overlaps(const Range& other) const { return contains(other) || other.contains(*this); }
  // "192.0.2.0/24"; a single address without a slash.
  std::string text() const;
  auto operator<=>(const Range&) const = default;
};

// An address or a range. The hint of an error is a valid one.
Result<Range> range(std::string_view text);

// Whether the ranges together contain every address of `whole`.
bool covered(const Range& whole, std::span<const Range> ranges);

// Which addresses are admitted: those in `allow`, except those in `deny`.
struct Access {
  std::vector<Range> allow;  // empty: all
  std::vector<Range> deny;

  bool limited() const { return !allow.empty() || !deny.empty(); }
  bool admits(const Address& address) const;
  // The range in `deny` that contains the address, or null.
  const Range* denies(const Address& address) const;
};

}  // namespace tunnel::config
