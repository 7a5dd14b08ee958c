// Parsing and printing ranges, and set operations on them.
#include "config/ranges.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/host.hpp"
#include "base/text.hpp"
#include "config/address_meant.hpp"
#include "config/socket_address.hpp"
#include "config/values.hpp"

namespace tunnel::config {

namespace {

constexpr std::size_t mapped_prefix = 12;  // bytes of ::ffff:0:0/96

bool is_mapped(std::span<const std::uint8_t> bytes) {
  return bytes.size() == 16 && bytes[10] == 0xff && bytes[11] == 0xff &&
         std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t b) { return b == 0; });
}

// "255.255.255.0" as 24.
std::optional<unsigned> prefix_of_mask(std::string_view text) {
  const auto bytes = address_bytes(text);
  if (!bytes || bytes->size() != 4) return std::nullopt;
  const Address mask{*bytes};
  unsigned prefix = 0;
  while (prefix < 32 && mask.bit(prefix)) ++prefix;
  return mask.network(prefix) == mask ? std::optional(prefix) : std::nullopt;
}

}  // namespace

Address::Address(std::span<const std::uint8_t> bytes) : ipv4_(bytes.size() == 4) {
  if (is_mapped(bytes)) {
    ipv4_ = true;
    bytes = bytes.subspan(mapped_prefix);
  }
  std::copy(bytes.begin(), bytes.end(), bytes_.begin());
}

bool Address::same_prefix(const Address& other, unsigned prefix) const {
  const std::size_t whole = prefix / 8;
  if (!std::equal(bytes_.begin(), bytes_.begin() + whole, other.bytes_.begin())) return false;
  return prefix % 8 == 0 || (bytes_[whole] ^ other.bytes_[whole]) >> (8 - prefix % 8) == 0;
}

Address Address::network(unsigned prefix) const {
  Address out = *this;
  for (unsigned i = prefix; i < bits(); ++i)
    if (out.bit(i)) out.flip(i);
  return out;
}

bool Address::is_loopback() const {
  static constexpr std::array<std::uint8_t, 4> ipv4 = {127, 0, 0, 1};
  static constexpr std::array<std::uint8_t, 16> ipv6 = {0, 0, 0, 0, 0, 0, 0, 0,
                                                        0, 0, 0, 0, 0, 0, 0, 1};
  return *this == Address(ipv4) || *this == Address(ipv6);
}

std::string Address::text() const {
  return address_text({reinterpret_cast<const char*>(bytes_.data()), bits() / 8});
}

bool Range::contains(const Address& address) const {
  return address.is_ipv4() == first.is_ipv4() && address.same_prefix(first, prefix);
}

bool Range::contains(const Range& other) const {
  return prefix <= other.prefix && contains(other.first);
}

std::string Range::text() const {
  return prefix == first.bits() ? first.text() : fmt::format("{}/{}", first.text(), prefix);
}

namespace {

// A valid range: without blanks it may be one already.
std::string meant_by(std::string_view text) {
  const std::string_view bare = trimmed(text);
  if (bare.size() < text.size()) {
    const auto read = range(bare);
    return read ? std::string(bare) : read.error().hint;
  }
  return range_meant(text);
}

}  // namespace

Result<Range> range(std::string_view text) {
  const auto wrong = [&](std::string_view why, std::string hint) {
    return Error{fmt::format("\"{}\" {}", quotable(text), why), std::move(hint)};
  };
  const std::size_t slash = text.find('/');
  const std::string_view host = text.substr(0, slash);
  const auto bytes = address_bytes(host);
  if (!bytes) {
    const bool bracketed = host.starts_with('[') && host.find(']') != host.npos;
    const auto inner = bracketed ? address_bytes(host.substr(1, host.find(']') - 1)) : std::nullopt;
    if (inner) return wrong("is more than an address or a range", Address(*inner).text());
    if (const auto with_port = host_port(host, true); with_port && is_ipv4(with_port->host))
      return wrong("has a port, where an address or a range is wanted", with_port->host);
    return wrong("is neither an address nor a range of addresses", meant_by(text));
  }
  const Address address(*bytes);
  if (host.find('%') != host.npos)
    return wrong("has a zone, which no address is checked for", address.text());
  unsigned prefix = address.bits();
  if (slash != text.npos) {
    const std::string_view after = text.substr(slash + 1);
    const auto parsed = std::from_chars(after.data(), after.data() + after.size(), prefix);
    const auto mask = address.is_ipv4() ? prefix_of_mask(after) : std::nullopt;
    if (mask)
      return wrong("has a mask, where the number of its bits is wanted",
                   Range{address.network(*mask), *mask}.text());
    // of the address as written: 128 for a mapped one
    const auto max_prefix = static_cast<unsigned>(bytes->size() * 8);
    if (after.empty() || parsed.ec != std::errc() || parsed.ptr != after.data() + after.size() ||
        prefix > max_prefix || (after.size() > 1 && after.front() == '0'))
      return wrong(fmt::format("has no number from 0 to {} behind its slash", max_prefix),
                   address.text());
    if (max_prefix > address.bits()) {
      // mapped: a range of IPv4 addresses
      if (prefix < max_prefix - address.bits())
        return wrong("holds all mapped IPv4 addresses and more", "::ffff:0:0/96");
      prefix -= max_prefix - address.bits();
    }
  } else if (address == address.network(0)) {
    return wrong("is nobody's address", address.text() + "/0");
  }
  const Range out{address.network(prefix), prefix};
  if (out.first != address)
    return wrong(fmt::format("goes on behind its first {} bits, which make the range",
                             text.substr(slash + 1)),
                 out.text());
  return out;
}

bool covered(const Range& whole, std::span<const Range> ranges) {
  std::vector<Range> inside;
  for (const Range& range : ranges) {
    if (range.contains(whole)) return true;
    if (whole.contains(range)) inside.push_back(range);
  }
  if (inside.empty()) return false;
  Range half{whole.first, whole.prefix + 1};
  if (!covered(half, inside)) return false;
  half.first.flip(whole.prefix);
  return covered(half, inside);
}

const Range* Access::denies(const Address& address) const {
  const auto found = std::find_if(deny.begin(), deny.end(),
                                  [&](const Range& range) { return range.contains(address); });
  return found == deny.end() ? nullptr : &*found;
}

bool Access::admits(const Address& address) const {
  if (denies(address) != nullptr) return false;
  return allow.empty() || std::any_of(allow.begin(), allow.end(),
                                      [&](const Range& range) { return range.contains(address); });
}

}  // namespace tunnel::config
