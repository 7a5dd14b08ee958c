// Guesses what a line was meant to say that TOML can't read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/value_repair.hpp"

namespace tunnel::config {

struct LineRepair {
  std::string slip;  // what is wrong: "a string needs quotes"
  std::string line;  // what would be right; may be two lines
};

// The guesses for one line, the best first. They are no more than guesses: the caller lets the
// parser try them.
std::vector<LineRepair> repairs_of(std::string_view line, const IsToml& is_toml);

// The key, and the value as it is written, of a line `key = value`; empty if it is none.
struct WrittenSetting {
  std::string key;
  std::string value;
};
WrittenSetting written_setting(std::string_view line);

}  // namespace tunnel::config
