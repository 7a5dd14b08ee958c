// Typed reading of a raw table. It collects every mistake; a key that nobody asks for is unknown.
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
  // Reads `table`; a key that it lacks from `fallback`, which may be null. All references outlive
  // the reader.
  TableReader(std::string scope, const RawTable& table, const RawTable* fallback,
              const Environment& environment, Mistakes& mistakes);

  // Each returns nothing if the key is absent or wrong; a wrong one becomes a mistake.
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t min, std::int64_t max);
  std::optional<std::chrono::milliseconds> duration(std::string_view key);
  // A date and a time with an offset from UTC.
  std::optional<Instant> instant(std::string_view key);
  std::optional<Text> text(std::string_view key);
  // The same for a file that need not be there; escapes such as \n in it are a mistake.
  std::optional<Text> new_file(std::string_view key);
  std::optional<std::size_t> one_of(std::string_view key,
                                    const std::vector<std::string_view>& choices);
  // One string or a list of strings, not empty.
  std::vector<Text> texts(std::string_view key);
  // The value, or the elements of a list, of any kind.
  std::vector<RawValue> values(std::string_view key);
  const RawTable* table(std::string_view key);

  // The string with its variables replaced; nothing, and a mistake, if one isn't set.
  std::optional<Text> expanded(std::string_view key, const RawValue& value);

  // The entry in the table itself, or in the fallback; null if it has none.
  const RawEntry* own(std::string_view key) const { return find(table_, key); }
  const RawEntry* inherited(std::string_view key) const {
    return fallback_ != nullptr ? find(*fallback_, key) : nullptr;
  }
  bool has(std::string_view key) const { return own(key) != nullptr || inherited(key) != nullptr; }
  // Whether the table has `key` under another name, which refuse_unknown() reports.
  bool misnamed(std::string_view key) const;
  const Environment& environment() const { return environment_; }

  // Whether a value of the key was refused, or the key is probably misspelt: then don't report that
  // it is missing. Call it when all keys are read.
  bool is_in_doubt(std::string_view key) const;

  // `key` is empty if `what` names it.
  void mistake(const Place& place, std::string_view key, std::string what,
               Suggestion suggestion = {}, std::filesystem::path unreadable = {});
  // Takes `key` for known, since a mistake about it was reported. It must outlive the reader.
  void reported(std::string_view key) { known_.push_back(key); }
  // Reports each key that wasn't asked for, in the fallback too. The last call on a reader.
  void refuse_unknown();

 private:
  const RawEntry* find_known(std::string_view key);
  const RawValue* with_escapes(const Place& place) const;
  bool knows(std::string_view key) const;
  // What stands here for a key that isn't known.
  Suggestion meant_by(const RawEntry& entry, const RawTable& table) const;
  void wrong_kind(std::string_view key, const RawValue& value, std::string_view wanted,
                  Suggestion suggestion);

  std::string scope_;
  const RawTable& table_;
  const RawTable* fallback_;
  const Environment& environment_;
  Mistakes& mistakes_;
  std::vector<std::string_view> known_;
  std::vector<std::string> refused_;
  std::vector<RawValue> with_escapes_;
};

}  // namespace tunnel::config
