// Chooses the quotes of a string.
#include "config/toml_string.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tunnel::config {

namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string basic_string(std::string_view value) {
  std::string out = "\"";
  for (const char c : value) {
    if (is_control(c))
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else if (c == '"' || c == '\\')
      out.append("\\").push_back(c);
    else
      out += c;
  }
  return out + '"';
}

}  // namespace

std::string toml_string(std::string_view value) {
  const bool literal = value.find_first_of("\"\\") != value.npos &&
                       value.find('\'') == value.npos &&
                       std::none_of(value.begin(), value.end(), is_control);
  return literal ? fmt::format("'{}'", value) : basic_string(value);
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
