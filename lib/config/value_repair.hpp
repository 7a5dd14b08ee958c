// Reads keys and values as people write them, and writes them as TOML does.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tunnel::config {

// Whether a text is TOML.
using IsToml = std::function<bool(std::string_view)>;

// Each function takes what it has read off the front of `rest`.
class ValueRepair {
 public:
  // Both outlive it. `slip` gets what is wrong, the first time something is.
  ValueRepair(const IsToml& is_toml, std::string& slip) : is_toml_(is_toml), slip_(slip) {}

  // Empty where nothing like a key is written.
  std::string key(std::string_view written);
  // One value, which ends before any of the characters `ends` at the latest.
  std::string value(std::string_view key, std::string_view& rest, std::string_view ends);
  // One or, where the key takes a list, several with commas between.
  std::string values_to_the_end(std::string_view key, std::string_view& rest);

 private:
  void slip(std::string what) {
    if (slip_.empty()) slip_ = std::move(what);
  }

  std::string quoted(std::string_view& rest, std::string_view ends);
  std::string list(std::string_view key, std::string_view& rest);
  std::string inline_table(std::string_view& rest);
  std::string bare(std::string_view key, std::string_view& rest, std::string_view ends);
  std::string word(std::string_view key, std::string_view word);

  const IsToml& is_toml_;
  std::string& slip_;
  int depth_ = 0;
};

}  // namespace tunnel::config
