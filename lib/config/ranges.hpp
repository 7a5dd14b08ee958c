// Ranges of addresses ("192.0.2.0/24", RFC 4632; "2001:db8::/32", RFC 4291 section 2.3), and lists
// of them that say who may come in.
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

// For comparing: an IPv6 address that maps an IPv4 one (RFC 4291 section 2.5.5.2) is that one, and
// a zone is no part of it.
class Address {
 public:
  // 4 or 16 bytes in network order.
  explicit Address(std::span<const std::uint8_t> bytes);

  bool is_ipv4() const { return ipv4_; }
  unsigned bits() const { return ipv4_ ? 32 : 128; }
  // The bit counted from the left, from 0.
  bool bit(unsigned index) const { return (bytes_[index / 8] >> (7 - index % 8) & 1) != 0; }
  void flip(unsigned index) { bytes_[index / 8] ^= static_cast<std::uint8_t>(0x80 >> index % 8); }
  // Whether the first `prefix` bits are the same; of one family.
  bool begins_like(const Address& other, unsigned prefix) const;
  // All but the first `prefix` bits are cleared.
  Address network(unsigned prefix) const;
  // 127.0.0.1 or ::1 itself, and not the rest of 127.0.0.0/8.
  bool is_loopback() const;

  // An IPv6 address as RFC 5952 wants it.
  std::string text() const;
  auto operator<=>(const Address&) const = default;

 private:
  bool ipv4_;
  std::array<std::uint8_t, 16> bytes_{};  // an IPv4 address has the first four
};

// The addresses of one family that begin like `first`, whose other bits are zero.
struct Range {
  Address first;
  unsigned prefix = 0;

  bool contains(const Address& address) const;
  bool contains(const Range& other) const;
  bool overlaps(const Range& other) const { return contains(other) || other.contains(*this); }
  // "192.0.2.0/24"; a single address without a slash.
  std::string text() const;
  bool operator==(const Range&) const = default;
};

// An address or a range. The hint of an error is one that would be right.
Result<Range> range(std::string_view text);

// Whether the ranges together hold every address of `whole`.
bool covered(const Range& whole, std::span<const Range> ranges);

// Who may come in: everybody, or those of `allow`, but in no case those of `deny`.
struct Access {
  std::vector<Range> allow;  // empty: everybody
  std::vector<Range> deny;

  bool limited() const { return !allow.empty() || !deny.empty(); }
  bool admits(const Address& address) const;
  // The range of `deny` that holds the address, or null.
  const Range* denies(const Address& address) const;
};

}  // namespace tunnel::config
