// Chooses the quotes of a string.
#include "config/toml_string.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace tunnel::config {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// The code point of a control character beyond ASCII, or of one that turns the direction of text;
// 0 for others. A terminal or a reader would be misled by it.
unsigned hidden_sign(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) < 0xa0) return byte(1);
  if (byte(0) != 0xe2 || (byte(1) != 0x80 && byte(1) != 0x81)) return 0;
  const unsigned point = 0x2000 + ((byte(1) & 0x3f) << 6) + (byte(2) & 0x3f);
  const bool turns = (point >= 0x200e && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
                     (point >= 0x2066 && point <= 0x2069);
  return turns ? point : 0;
}

bool is_key_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

bool is_plain(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (is_control(text[i]) || hidden_sign(text.substr(i)) != 0) return false;
  return true;
}

std::string escaped_string(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const unsigned hidden = hidden_sign(text.substr(i));
    if (is_control(c)) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else if (hidden != 0) {
      out += fmt::format("\\u{:04x}", hidden);
      i += hidden < 0x100 ? 1 : 2;
    } else if (c == '"' || c == '\\') {
      out.append(1, '\\').append(1, c);
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

std::string toml_string(std::string_view text) {
  const bool needs_escapes = text.find_first_of("\"\\") != text.npos;
  const bool fits_single_quotes = text.find('\'') == text.npos && is_plain(text);
  return needs_escapes && fits_single_quotes ? fmt::format("'{}'", text) : escaped_string(text);
}

bool is_bare_key(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_key_character);
}

bool is_dotted_key(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return is_key_character(c) || c == '.'; });
}

std::size_t string_end(std::string_view text, std::size_t start) {
  const char quote = text[start];
  for (std::size_t i = start + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\')
      ++i;
    else if (text[i] == quote)
      return i + 1;
  }
  return text.npos;
}

std::string without_escapes(std::string_view content) {
  std::string out;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const bool pair = content[i] == '\\' && i + 1 < content.size();
    const bool network_path =
        i == 0 && content.starts_with("\\\\") && !content.starts_with("\\\\\\");
    if (pair && content[i + 1] == '"') continue;
    if (pair && content[i + 1] == '\\' && !network_path) ++i;
    if (network_path) out += content[i++];
    out += content[i];
  }
  return out;
}

}  // namespace tunnel::config
