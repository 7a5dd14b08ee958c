// Typed reading of one raw table: each key asked for is known, each mistake is kept, the rest is
// unknown.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/raw.hpp"
#include "config/values.hpp"

namespace tunnel::config {

// A string and where it was written.
struct Text {
  std::string value;
  Place place;
};

class TableReader {
 public:
  // Reads `table`, and what it lacks from `fallback` (may be null). All three outlive the reader.
  TableReader(std::string scope, const RawTable& table, const RawTable* fallback,
              const Environment& environment, Mistakes& mistakes);

  // Each returns nothing where the key is absent or wrong; a wrong one has been written down.
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max);
  std::optional<std::chrono::milliseconds> duration(std::string_view key);
  // A date and a time with its offset from UTC.
  std::optional<Instant> instant(std::string_view key);
  std::optional<Text> text(std::string_view key);
  std::optional<std::size_t> one_of(std::string_view key,
                                    const std::vector<std::string_view>& choices);
  // One string or a list of strings, not empty.
  std::vector<Text> texts(std::string_view key);
  // The value, or the elements of a list, of any kind.
  std::vector<RawValue> values(std::string_view key);
  const RawTable* table(std::string_view key);

  // The string with its variables in place; nothing, and a mistake, where one is not set.
  std::optional<Text> expanded(std::string_view key, const RawValue& value);

  // Whether the key stands in the table itself (not in the fallback), and where its value is.
  const RawEntry* own(std::string_view key) const { return find(table_, key); }
  const RawEntry* inherited(std::string_view key) const {
    return fallback_ != nullptr ? find(*fallback_, key) : nullptr;
  }
  bool has(std::string_view key) const { return own(key) != nullptr || inherited(key) != nullptr; }

  // The key may be empty where `what` names it.
  void mistake(const Place& place, std::string_view key, std::string what,
               Suggestion suggestion = {}, std::filesystem::path unreadable = {});
  // Whatever was not asked for by now is unknown, in the fallback too. The last call on a reader.
  void refuse_unknown();

 private:
  const RawEntry* look_up(std::string_view key);
  void wrong_kind(std::string_view key, const RawValue& value, std::string_view wanted,
                  Suggestion suggestion);

  std::string scope_;
  const RawTable& table_;
  const RawTable* fallback_;
  const Environment& environment_;
  Mistakes& mistakes_;
  std::vector<std::string_view> known_;
};

}  // namespace tunnel::config
