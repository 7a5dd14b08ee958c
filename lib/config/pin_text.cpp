// Reading pins, and guessing what was meant by those of other programs.
#include "config/pin_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.hpp"

namespace tunnel::config {

namespace {

constexpr std::string_view prefix = "sha256:";
constexpr std::size_t digits = 43;  // of 32 bytes, and one "=" behind them

bool is_digest(std::string_view text) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() != digits + 1 || text.back() != '=') return false;
  text.remove_suffix(1);
  if (text.find_first_not_of(alphabet) != text.npos) return false;
  // the last digit has two bits more than the bytes need: they are 0, or two spellings were one pin
  return alphabet.find(text.back()) % 4 == 0;
}

// What curl ("sha256//"), ssh ("SHA256:", without "=") and HTTP (pin-sha256="...") write, and the
// base64 of URLs.
std::string meant(std::string_view text) {
  std::string digest;
  for (const char c : text)
    if (std::isspace(static_cast<unsigned char>(c)) == 0 && c != '"') digest += c;
  std::string start = digest.substr(0, 11);
  std::transform(start.begin(), start.end(), start.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const std::string_view other :
       {"pin-sha256=", "pin-sha256:", "sha256//", "sha-256:", "sha256:", "sha256="})
    if (start.starts_with(other)) {
      digest.erase(0, other.size());
      break;
    }
  std::replace(digest.begin(), digest.end(), '-', '+');
  std::replace(digest.begin(), digest.end(), '_', '/');
  if (digest.size() == digits) digest += '=';
  return is_digest(digest) ? std::string(prefix) + digest : std::string();
}

}  // namespace

Result<std::string> pin(std::string_view text) {
  if (text.starts_with(prefix) && is_digest(text.substr(prefix.size()))) return std::string(text);
  return Error{fmt::format("\"{}\" is not \"sha256:\" and 32 bytes in base64", escaped(text)),
               meant(text)};
}

}  // namespace tunnel::config
