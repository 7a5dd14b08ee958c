// Recognises the beginning of a file, and turns what JSON or YAML says of services into TOML.
#include "config/file_kinds.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.hpp"
#include "config/toml_string.hpp"

namespace tunnel::config {

const std::string_view example_service =
    "[service.vnc]\n    client = true\n    accept = 5999\n    connect = \"relay.example:443\"";

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t longest = 20000;
constexpr std::size_t deepest = 6;

std::string key_text(const std::string& key) { return is_bare_key(key) ? key : toml_string(key); }

std::string value_text(const json& value) {
  if (value.is_string()) return toml_string(value.get<std::string>());
  if (!value.is_array()) return value.dump();
  std::vector<std::string> out;
  for (const json& one : value) out.push_back(value_text(one));
  return fmt::format("[{}]", fmt::join(out, ", "));
}

// Appends the settings of `table`, then the tables in it.
void append_table(const json& table, const std::string& path, std::vector<std::string>& lines,
                  std::size_t depth) {
  if (depth > deepest) return;
  bool headed = path.empty();
  for (const auto& [key, value] : table.items()) {
    if (value.is_object() || value.is_null()) continue;
    if (!headed) lines.push_back(fmt::format("[{}]", path));
    headed = true;
    lines.push_back(fmt::format("{} = {}", key_text(key), value_text(value)));
  }
  for (const auto& [key, value] : table.items())
    if (value.is_object())
      append_table(value, path.empty() ? key_text(key) : path + "." + key_text(key), lines,
                   depth + 1);
}

std::string as_toml(json root) {
  // the keys of one service, without its table
  if (root.is_object() && (root.contains("accept") || root.contains("connect")))
    root = json{{"service", {{"vnc", std::move(root)}}}};
  if (!root.is_object()) return std::string(example_service);
  std::vector<std::string> lines;
  append_table(root, "", lines, 0);
  constexpr std::size_t most = 20;
  if (lines.empty() || lines.size() > most) return std::string(example_service);
  return fmt::format("{}", fmt::join(lines, "\n    "));
}

bool is_nested_too_deep(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return c == '[' || c == '{'; }) > 200;
}

FileKind json_kind(std::string_view text) {
  json root;
  if (text.size() <= longest && !is_nested_too_deep(text)) root = json::parse(text, nullptr, false);
  return {"this is JSON, and the configuration is TOML", as_toml(std::move(root))};
}

json yaml_scalar(std::string_view text) {
  if (text.size() > 1 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front())
    return std::string(text.substr(1, text.size() - 2));
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  if (text.size() <= 9 && is_digits(text)) return std::stol(std::string(text));
  if (text.size() > 1 && text.front() == '[' && text.back() == ']') {
    json out = json::array();
    for (text = text.substr(1, text.size() - 2); !text.empty();) {
      const std::string_view one = text.substr(0, text.find(','));
      out.push_back(yaml_scalar(trimmed(one)));
      text.remove_prefix(std::min(text.size(), one.size() + 1));
    }
    return out;
  }
  return std::string(text);
}

struct YamlLine {
  std::size_t indent;
  std::string key;
  std::string_view value;  // empty for a table or a list
};

std::optional<YamlLine> yaml_line(std::string_view line) {
  const std::size_t indent = line.find_first_not_of(' ');
  if (indent == line.npos) return std::nullopt;
  std::string_view text = trimmed(line.substr(0, line.find(" #")));
  if (text.empty() || text.starts_with('#') || text == "---") return std::nullopt;
  if (text.starts_with("- ")) return YamlLine{indent, "", trimmed(text.substr(2))};
  const std::size_t colon = text.find(": ");
  const bool opens = colon == text.npos && text.ends_with(':');
  if (colon == text.npos && !opens) return std::nullopt;
  const json key = yaml_scalar(trimmed(text.substr(0, opens ? text.size() - 1 : colon)));
  return YamlLine{indent, key.is_string() ? key.get<std::string>() : key.dump(),
                  opens ? std::string_view() : trimmed(text.substr(colon + 2))};
}

// Tables, scalars and lists of scalars, which is what a configuration has.
json read_yaml(std::string_view text) {
  struct Open {
    std::size_t indent;
    json* table;
  };
  json root = json::object();
  std::vector<Open> open = {{0, &root}};
  json* last = nullptr;  // the table that a line "key:" has opened, or the list
  std::size_t last_indent = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto read = yaml_line(line);
    if (!read) continue;
    if (read->key.empty()) {
      if (last == nullptr) return nullptr;
      if (!last->is_array()) *last = json::array();
      last->push_back(yaml_scalar(read->value));
      continue;
    }
    if (last != nullptr && read->indent > last_indent && last->is_object())
      open.push_back({read->indent, last});
    while (open.size() > 1 && read->indent < open.back().indent) open.pop_back();
    if (open.size() > deepest) return nullptr;
    json& value = (*open.back().table)[read->key];
    value = read->value.empty() ? json::object() : yaml_scalar(read->value);
    last = read->value.empty() ? &value : nullptr;
    last_indent = read->indent;
  }
  return root;
}

// The first line that is neither empty nor a comment.
std::string_view first_line(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::string_view words = trimmed(line);
    if (!words.empty() && !words.starts_with('#')) return words;
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return {};
}

}  // namespace

std::optional<FileKind> other_kind(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const std::string_view first = first_line(text);
  if (first.starts_with('{')) return json_kind(text);
  if (first.starts_with("-----BEGIN "))
    return FileKind{"this is a certificate or a key, and the configuration is TOML",
                    "name the file in the configuration, and give that: cert = \"relay.pem\""};
  if (first.starts_with("<!") || first.starts_with("<?") || first.starts_with("<html"))
    return FileKind{"this is a web page or XML, and the configuration is TOML",
                    std::string(example_service)};
  const bool opens = first.ends_with(':') && is_bare_key(first.substr(0, first.size() - 1));
  if (first != "---" && !opens) return std::nullopt;
  return FileKind{"this is YAML, and the configuration is TOML",
                  as_toml(text.size() <= longest ? read_yaml(text) : json())};
}

}  // namespace tunnel::config
