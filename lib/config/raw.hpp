// A configuration that is parsed but not validated: a tree of values, each with its place in the
// file.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.hpp"

namespace tunnel::config {

struct RawEntry;
struct RawValue;
using RawTable = std::vector<RawEntry>;  // in the order of the file
using RawList = std::vector<RawValue>;
// A date and a time of day.
struct RawDateTime {
  std::string text;  // as TOML writes it
  // If it has an offset from UTC.
  std::optional<std::chrono::sys_time<std::chrono::milliseconds>> instant;
};
struct RawOther {
  std::string kind;  // "a date", "a time": no key takes them
  std::string text;  // as TOML writes it
};

struct RawValue {
  Place place;
  std::variant<bool, std::int64_t, double, std::string, RawList, RawTable, RawDateTime, RawOther>
      value;
  // Of a string whose control characters came from escapes such as \n: what is between its quotes.
  std::string written = {};

  // "a string", "a whole number", ...
  std::string_view kind() const;
};

struct RawEntry {
  std::string key;
  Place key_place;
  RawValue value;
};

inline RawEntry* find(RawTable& table, std::string_view key) {
  for (auto& entry : table)
    if (entry.key == key) return &entry;
  return nullptr;
}
inline const RawEntry* find(const RawTable& table, std::string_view key) {
  return find(const_cast<RawTable&>(table), key);
}

}  // namespace tunnel::config
