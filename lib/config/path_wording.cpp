// Paths as shells and other programs write them.
#include "config/path_wording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "config/toml_string.hpp"

namespace tunnel::config {

namespace {

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
}

std::string variable(std::string_view name, std::string_view rest) {
  return std::string("${").append(name).append("}").append(rest);
}

// Windows has no HOME unless a shell sets it.
std::string_view home_variable(const Environment& environment) {
  return !environment("HOME") && environment("USERPROFILE") ? "USERPROFILE" : "HOME";
}

std::string shell_variable(std::string_view text) {
  std::string_view name = text.substr(1);
  if (lower_case(name).starts_with("env:")) name.remove_prefix(4);
  const auto end = static_cast<std::size_t>(
      std::find_if(name.begin(), name.end(), [](char c) { return c == '/' || c == '\\'; }) -
      name.begin());
  return is_name(name.substr(0, end)) ? variable(name.substr(0, end), name.substr(end)) : "";
}

std::string windows_variable(std::string_view text) {
  const auto end = text.find('%', 1);
  if (end == text.npos || !is_name(text.substr(1, end - 1))) return "";
  return variable(text.substr(1, end - 1), text.substr(end + 1));
}

std::string without_scheme(std::string_view text) {
  text.remove_prefix(std::string_view("file:").size());
  if (text.starts_with("///")) text.remove_prefix(2);
  const bool drive = text.size() > 2 && text[0] == '/' && text[2] == ':';
  return std::string(drive ? text.substr(1) : text);
}

std::string_view without_quotes(std::string_view text) {
  const bool quoted = text.size() > 2 && (text.front() == '"' || text.front() == '\'') &&
                      text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

std::string usual_path(std::string_view text, const Environment& environment) {
  const std::string_view bare = without_quotes(trimmed(text));
  std::string out;
  if (bare == "~" || bare.starts_with("~/") || bare.starts_with("~\\"))
    out = variable(home_variable(environment), bare.substr(1));
  else if (bare.starts_with('$'))
    out = shell_variable(bare);
  else if (bare.starts_with('%'))
    out = windows_variable(bare);
  else if (bare.starts_with("file:"))
    out = without_scheme(bare);
  else if (bare != text)
    out = bare;
  return out;
}

bool refuse_unexpanded(const Text& text, std::string_view key, TableReader& reader) {
  const std::string_view bare = trimmed(text.value);
  const bool unix_prefix = bare.starts_with("unix:");
  const std::string_view path = bare.substr(unix_prefix ? 5 : 0);
  if (path.empty() || std::string_view("~$%").find(path.front()) == std::string_view::npos)
    return false;
  const std::string usual = usual_path(path, reader.environment());
  if (usual.empty()) return false;
  reader.mistake(text.place, key,
                 fmt::format("\"{}\" is not expanded as in a shell", one_line(path)),
                 Suggestion::setting(key, toml_string((unix_prefix ? "unix:" : "") + usual)));
  return true;
}

}  // namespace tunnel::config
