// Base64 with and without white space.
#include "base/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace tunnel {

namespace {

constexpr std::uint8_t skipped = 64;  // white space
constexpr std::uint8_t padding = 65;
constexpr std::uint8_t wrong = 66;

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::uint8_t, 256> meanings = [] {
  std::array<std::uint8_t, 256> out{};
  out.fill(wrong);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  for (const char c : {' ', '\t', '\r', '\n'}) out[static_cast<unsigned char>(c)] = skipped;
  out['='] = padding;
  return out;
}();

}  // namespace

std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  int digits = 0;
  int paddings = 0;
  for (const char c : text) {
    const std::uint8_t meaning = meanings[static_cast<unsigned char>(c)];
    if (meaning == skipped) continue;
    if (meaning == padding) {
      ++paddings;
      continue;
    }
    if (meaning == wrong || paddings > 0) return std::nullopt;
    group = group << 6 | meaning;
    if (++digits < 4) continue;
    for (const int shift : {16, 8, 0}) out += static_cast<char>(group >> shift & 0xff);
    group = 0;
    digits = 0;
  }
  if ((digits + paddings) % 4 != 0 || paddings > 2) return std::nullopt;
  if (digits == 3) {
    out += static_cast<char>(group >> 10 & 0xff);
    out += static_cast<char>(group >> 2 & 0xff);
  } else if (digits == 2) {
    out += static_cast<char>(group >> 4 & 0xff);
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? alphabet[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

}  // namespace tunnel
