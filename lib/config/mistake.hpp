// One thing wrong with a configuration: facts, which the reader's wording turns into text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tunnel::config {

class KeyWording;

// Where a value was written. Line and column count from 1; line 0 means that `file` is no file but
// an option of the command line.
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  // "vnc.toml:4:11", "--ca".
  std::string text() const;
};

// What would be right: a setting, or a next step in words.
struct Suggestion {
  std::string key;    // empty: words alone
  std::string toml;   // the key's value as TOML writes it
  std::string words;  // a next step; after a setting, the rest of the sentence

  Suggestion() = default;
  Suggestion(std::string next_step) : words(std::move(next_step)) {}
  Suggestion(const char* next_step) : words(next_step) {}

  static Suggestion setting(std::string_view key, std::string_view toml,
                            std::string_view words = {});
  // The value is a string, without quotes here.
  static Suggestion string_setting(std::string_view key, std::string_view value,
                                   std::string_view words = {});
  // The same, and nothing where the value is empty.
  static Suggestion hint(std::string_view key, std::string_view value);

  bool empty() const { return key.empty() && words.empty(); }
};

struct Mistake {
  Place place;
  std::string scope;  // `service "vnc"`, `log`; may be empty
  std::string key;    // whose value is wrong; empty where `what` names what it is about
  std::string what;   // what is wrong, why
  Suggestion suggestion;
  std::filesystem::path unreadable = {};                // the file, if it exists and can't be read
  std::shared_ptr<const KeyWording> wording = nullptr;  // null: a file's

  // "file:line:column: scope: key: what", and the suggestion on a line of its own.
  std::string text() const;
  // The same in one line, for a log.
  std::string in_a_line() const;
};

using Mistakes = std::vector<Mistake>;

}  // namespace tunnel::config
