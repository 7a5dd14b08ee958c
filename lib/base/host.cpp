// Host names and IP addresses: text to bytes and back.
#include "base/host.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/text.hpp"

namespace tunnel {

namespace {

bool is_label(std::string_view label) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         label.find_first_not_of(allowed) == label.npos;
}

std::optional<unsigned> number(std::string_view text, unsigned max) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value > max)
    return std::nullopt;
  return value;
}

using AddressBytes = std::vector<std::uint8_t>;

// Four decimal numbers without leading zeros, which some systems read as octal.
std::optional<AddressBytes> ipv4_bytes(std::string_view text) {
  AddressBytes bytes;
  while (bytes.size() < 4) {
    const std::size_t end = bytes.size() < 3 ? text.find('.') : text.size();
    if (end == text.npos) return std::nullopt;
    const std::string_view part = text.substr(0, end);
    const auto value = number(part, 255);
    if (!value || part.size() > 3 || (part.size() > 1 && part.front() == '0')) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(*value));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return bytes;
}

// Groups of one to four hexadecimal digits between colons, the last two of an address perhaps as
// IPv4.
bool add_groups(std::string_view text, bool last, AddressBytes& bytes) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(':'), text.size());
    const std::string_view group = text.substr(0, end);
    if (last && end == text.size() && group.find('.') != group.npos) {
      const auto ipv4 = ipv4_bytes(group);
      if (!ipv4) return false;
      bytes.insert(bytes.end(), ipv4->begin(), ipv4->end());
      return true;
    }
    unsigned value = 0;
    const auto parsed = std::from_chars(group.data(), group.data() + group.size(), value, 16);
    if (group.empty() || group.size() > 4 || parsed.ec != std::errc() ||
        parsed.ptr != group.data() + group.size())
      return false;
    bytes.push_back(static_cast<std::uint8_t>(value >> 8));
    bytes.push_back(static_cast<std::uint8_t>(value));
    if (end + 1 == text.size()) return false;  // a colon at the end
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

// RFC 4291 section 2.2; a zone (RFC 4007 section 11) may follow.
std::optional<AddressBytes> ipv6_bytes(std::string_view text) {
  if (const std::size_t percent = text.find('%'); percent != text.npos) {
    const std::string_view zone = text.substr(percent + 1);
    const bool good = std::all_of(zone.begin(), zone.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
    });
    if (zone.empty() || !good) return std::nullopt;
    text = text.substr(0, percent);
  }
  AddressBytes head;
  const std::size_t gap = text.find("::");
  if (gap == text.npos) {
    if (!add_groups(text, true, head) || head.size() != 16) return std::nullopt;
    return head;
  }
  AddressBytes tail;
  if (!add_groups(text.substr(0, gap), false, head) ||
      !add_groups(text.substr(gap + 2), true, tail) || head.size() + tail.size() > 14)
    return std::nullopt;
  head.resize(16 - tail.size());
  head.insert(head.end(), tail.begin(), tail.end());
  return head;
}

std::string ipv6_text(std::string_view bytes) {
  const auto group = [&](std::size_t i) {
    return static_cast<unsigned>(static_cast<unsigned char>(bytes[2 * i]) << 8 |
                                 static_cast<unsigned char>(bytes[2 * i + 1]));
  };
  // the longest run of zeros is "::" (RFC 5952 section 4.2)
  std::size_t start = 8;
  std::size_t length = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t n = 0;
    while (i + n < 8 && group(i + n) == 0) ++n;
    if (n > length) {
      start = i;
      length = n;
    }
  }
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == start) {
      out += "::";
      i += length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    out += fmt::format("{:x}", group(i));
  }
  return out;
}

}  // namespace

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == text.npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_host(std::string_view text) {
  if (is_address(text)) return true;
  if (text.ends_with('.')) text.remove_suffix(1);
  return is_host_name(text) && text.find_first_not_of("0123456789.") != text.npos;
}

std::string with_port(std::string_view host, std::string_view port) {
  return fmt::format(fmt::runtime(is_ipv6(host) ? "[{}]:{}" : "{}:{}"), host, port);
}

std::string international_name_advice(std::string_view name) {
  const bool has_letters = std::any_of(
      name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  if (!has_letters || first_invalid_utf8(name) || name.find_first_of(" @/\\\"'") != name.npos)
    return "";
  return fmt::format(
      "\"{}\" has letters beyond ASCII: give the name's ASCII form, which begins with xn--; idn2 "
      "(of libidn2) prints it",
      quotable(name));
}

bool is_ipv4(std::string_view host) { return ipv4_bytes(host).has_value(); }
bool is_ipv6(std::string_view host) { return ipv6_bytes(host).has_value(); }

std::optional<AddressBytes> address_bytes(std::string_view host) {
  auto bytes = ipv4_bytes(host);
  return bytes ? bytes : ipv6_bytes(host);
}

std::string address_text(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() == 4) return fmt::format("{}.{}.{}.{}", byte(0), byte(1), byte(2), byte(3));
  if (bytes.size() == 16) return ipv6_text(bytes);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) out += fmt::format("{:02x}", byte(i));
  return out;
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost") return true;
  const auto bytes = address_bytes(host);
  if (!bytes) return false;
  if (bytes->size() == 4) return bytes->front() == 127;
  return std::ranges::all_of(bytes->begin(), bytes->end() - 1,
                             [](std::uint8_t byte) { return byte == 0; }) &&
         bytes->back() == 1;
}

}  // namespace tunnel
