// Reading pins, and guessing what was meant by those of other programs.
#include "base/pin_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace tunnel {

namespace {

constexpr std::string_view prefix = "sha256:";
constexpr std::size_t digits = 43;  // of 32 bytes; one "=" follows

// In its one spelling: the last digit has two bits more than the bytes need, and they are 0.
bool is_digest(std::string_view text) {
  const auto bytes = from_base64(text);
  return bytes && bytes->size() == 32 && to_base64(*bytes) == text;
}

// The pin in `text` as curl ("sha256//"), ssh ("SHA256:", without "=") or HTTP (pin-sha256="...")
// write it, or in base64url; empty if it is none of these.
std::string normalized(std::string_view text) {
  std::string digest;
  for (const char c : text)
    if (std::isspace(static_cast<unsigned char>(c)) == 0 && c != '"') digest += c;
  const std::string start = lower_case(digest.substr(0, 11));
  for (const std::string_view other_prefix :
       {"pin-sha256=", "pin-sha256:", "sha256//", "sha-256:", "sha256:", "sha256="})
    if (start.starts_with(other_prefix)) {
      digest.erase(0, other_prefix.size());
      break;
    }
  std::replace(digest.begin(), digest.end(), '-', '+');
  std::replace(digest.begin(), digest.end(), '_', '/');
  if (digest.size() == digits) digest += '=';
  return is_digest(digest) ? std::string(prefix) + digest : std::string();
}

}  // namespace

Result<std::string> parse_pin(std::string_view text) {
  if (text.starts_with(prefix) && is_digest(text.substr(prefix.size()))) return std::string(text);
  return Error{fmt::format("\"{}\" is not \"sha256:\" and 32 bytes in base64", escaped(text)),
               normalized(text)};
}

}  // namespace tunnel
