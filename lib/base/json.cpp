// Writing JSON.
#include "base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"

namespace tunnel {

// RFC 8259, section 7.
std::string json_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t valid = first_invalid_utf8(text).value_or(text.size());
    for (const char c : text.substr(0, valid)) {
      if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
      } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      } else {
        out += c;
      }
    }
    if (valid < text.size()) out += "\\ufffd";
    text.remove_prefix(std::min(valid + 1, text.size()));
  }
  return out + '"';
}

std::string json_value(const JsonValue& value) {
  struct Visitor {
    std::string operator()(const std::string& s) const { return json_string(s); }
    std::string operator()(std::int64_t n) const { return fmt::format("{}", n); }
    std::string operator()(double d) const {
      return std::isfinite(d) ? fmt::format("{:.3f}", d) : "null";
    }
    std::string operator()(const std::vector<std::string>& list) const {
      std::vector<std::string> strings;
      for (const auto& s : list) strings.push_back(json_string(s));
      return json_array(strings);
    }
  };
  return std::visit(Visitor{}, value);
}

void JsonObject::add_json(std::string_view name, std::string_view json) {
  members_ += fmt::format("{}\"{}\":{}", members_.empty() ? "" : ",", name, json);
}

std::string json_array(const std::vector<std::string>& elements) {
  std::string out = "[";
  for (const auto& element : elements) out += (out.size() > 1 ? "," : "") + element;
  return out + "]";
}

}  // namespace tunnel
