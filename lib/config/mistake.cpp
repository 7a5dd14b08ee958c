// The text of a mistake, in its reader's wording.
#include "config/mistake.hpp"

#include <fmt/format.h>

#include "config/key_wording.hpp"
#include "config/toml_string.hpp"

namespace tunnel::config {

std::string Place::text() const {
  return line == 0 ? file : fmt::format("{}:{}:{}", file, line, column);
}

Suggestion Suggestion::setting(std::string_view key, std::string_view toml,
                               std::string_view words) {
  Suggestion out;
  out.key = key;
  out.toml = toml;
  out.words = words;
  return out;
}

Suggestion Suggestion::string_setting(std::string_view key, std::string_view value,
                                      std::string_view words) {
  return setting(key, toml_string(value), words);
}

Suggestion Suggestion::hint(std::string_view key, std::string_view value) {
  return value.empty() ? Suggestion() : string_setting(key, value);
}

std::string Mistake::text() const {
  const KeyWording& words = wording_or_file(wording);
  std::string out = words.heading(place, scope, key) + what;
  if (!suggestion.empty()) out += "\n    " + words.text(suggestion);
  return out;
}

std::string Mistake::in_a_line() const {
  std::string out = text();
  // the suggestion, and the further lines of one that is a few lines of a file
  bool first = true;
  for (auto at = out.find("\n    "); at != out.npos; at = out.find("\n    ", at)) {
    out.replace(at, 5, first ? "; " : " \\n ");
    first = false;
  }
  return out;
}

}  // namespace tunnel::config
