// Typed reading of a raw table.
#include "config/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/lookalike.hpp"
#include "base/text.hpp"
#include "config/toml_string.hpp"

namespace tunnel::config {

namespace {

// "in double quotes \n is a line feed and \t is a tab".
std::string escapes_of(std::string_view written) {
  struct Escape {
    std::string_view text;
    std::string_view meaning;
  };
  constexpr std::array<Escape, 5> escapes = {{{"\\b", "a backspace"},
                                              {"\\t", "a tab"},
                                              {"\\n", "a line feed"},
                                              {"\\f", "a form feed"},
                                              {"\\r", "a carriage return"}}};
  std::vector<std::string> found;
  for (std::size_t i = 0; i + 1 < written.size(); ++i) {
    if (written[i] != '\\') continue;
    for (const Escape& escape : escapes) {
      const std::string words = fmt::format("{} is {}", escape.text, escape.meaning);
      if (written.substr(i, 2) == escape.text &&
          std::find(found.begin(), found.end(), words) == found.end())
        found.push_back(words);
    }
    ++i;
  }
  return fmt::format(
      "in double quotes a backslash begins an escape, and {}; single quotes keep it as it is",
      joined_with_and(found));
}

}  // namespace

TableReader::TableReader(std::string scope, const RawTable& table, const RawTable* fallback,
                         const Environment& environment, Mistakes& mistakes)
    : scope_(std::move(scope)),
      table_(table),
      fallback_(fallback),
      environment_(environment),
      mistakes_(mistakes) {}

const RawEntry* TableReader::find_known(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
  if (const RawEntry* entry = find(table_, key)) return entry;
  return inherited(key);
}

const RawValue* TableReader::with_escapes(const Place& place) const {
  for (const RawValue& value : with_escapes_)
    if (value.place.file == place.file && value.place.line == place.line &&
        value.place.column == place.column)
      return &value;
  return nullptr;
}

bool TableReader::is_in_doubt(std::string_view key) const {
  if (std::find(refused_.begin(), refused_.end(), key) != refused_.end()) return true;
  if (has(key)) return false;
  const auto is_meant = [&](const RawEntry& entry) {
    const bool known = std::find(known_.begin(), known_.end(), entry.key) != known_.end();
    return !known && nearest(lower_case(entry.key), known_) == key;
  };
  return std::any_of(table_.begin(), table_.end(), is_meant) ||
         (fallback_ != nullptr && std::any_of(fallback_->begin(), fallback_->end(), is_meant));
}

void TableReader::mistake(const Place& place, std::string_view key, std::string what,
                          Suggestion suggestion, std::filesystem::path unreadable) {
  if (!key.empty()) refused_.emplace_back(key);
  // the value that is refused isn't the one that was meant
  if (const RawValue* value = with_escapes(place); value != nullptr && !key.empty()) {
    what = escapes_of(value->written);
    suggestion = Suggestion::string_setting(key, without_escapes(value->written));
  }
  // a value from [defaults] is read for each service, but reported once
  for (const Mistake& known : mistakes_)
    if (known.place.file == place.file && known.place.line == place.line &&
        known.place.column == place.column && known.key == key && known.what == what &&
        place.line != 0)
      return;
  mistakes_.push_back({place, scope_, std::string(key), std::move(what), std::move(suggestion),
                       std::move(unreadable)});
}

void TableReader::wrong_kind(std::string_view key, const RawValue& value, std::string_view wanted,
                             Suggestion suggestion) {
  mistake(value.place, key, fmt::format("{} stands where {} is wanted", value.kind(), wanted),
          std::move(suggestion));
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const RawEntry* entry = find_known(key);
  if (entry == nullptr) return std::nullopt;
  if (const bool* value = std::get_if<bool>(&entry->value.value)) return *value;
  wrong_kind(key, entry->value, "true or false", Suggestion::setting(key, "true"));
  return std::nullopt;
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::int64_t min,
                                                 std::int64_t max) {
  const RawEntry* entry = find_known(key);
  if (entry == nullptr) return std::nullopt;
  const std::int64_t* value = std::get_if<std::int64_t>(&entry->value.value);
  if (value == nullptr) {
    wrong_kind(key, entry->value, "a whole number", Suggestion::setting(key, std::to_string(min)));
    return std::nullopt;
  }
  if (*value < min || *value > max) {
    mistake(entry->value.place, key, fmt::format("{} is not from {} to {}", *value, min, max));
    return std::nullopt;
  }
  return *value;
}

std::optional<std::chrono::milliseconds> TableReader::duration(std::string_view key) {
  const RawEntry* entry = find_known(key);
  if (entry == nullptr) return std::nullopt;
  if (const std::int64_t* bare = std::get_if<std::int64_t>(&entry->value.value)) {
    mistake(entry->value.place, key, fmt::format("{} has no unit: ms, s, m, h or d", *bare),
            Suggestion::string_setting(key, fmt::format("{}s", std::max<std::int64_t>(*bare, 0))));
    return std::nullopt;
  }
  if (!std::holds_alternative<std::string>(entry->value.value)) {
    wrong_kind(key, entry->value, "a duration", Suggestion::string_setting(key, "30s"));
    return std::nullopt;
  }
  const auto text = expanded(key, entry->value);
  if (!text) return std::nullopt;
  auto value = config::duration(text->value);
  if (value) return *value;
  mistake(text->place, key, value.error().what,
          Suggestion::string_setting(key, value.error().hint));
  return std::nullopt;
}

std::optional<Instant> TableReader::instant(std::string_view key) {
  const RawEntry* entry = find_known(key);
  if (entry == nullptr) return std::nullopt;
  const RawDateTime* value = std::get_if<RawDateTime>(&entry->value.value);
  if (value == nullptr) {
    wrong_kind(key, entry->value, "a date and a time",
               Suggestion::setting(key, "2030-01-31T18:00:00+09:00"));
    return std::nullopt;
  }
  if (!value->instant) {
    mistake(
        entry->value.place, key,
        fmt::format("{} has no offset from UTC, so it is another moment elsewhere", value->text),
        Suggestion::setting(key, value->text + "Z"));
    return std::nullopt;
  }
  return Instant{*value->instant, value->text};
}

std::optional<Text> TableReader::expanded(std::string_view key, const RawValue& value) {
  const std::string* string = std::get_if<std::string>(&value.value);
  if (string == nullptr) {
    wrong_kind(key, value, "a string", Suggestion::string_setting(key, "..."));
    return std::nullopt;
  }
  if (!value.written.empty()) with_escapes_.push_back(value);
  auto expansion = expand_variables(*string, environment_);
  if (!expansion) {
    mistake(value.place, key, expansion.error().what, expansion.error().hint);
    return std::nullopt;
  }
  // the system would truncate the string at its NUL, and use another value than was validated
  if (expansion->find('\0') != std::string::npos) {
    mistake(value.place, key, "the string holds a NUL character");
    return std::nullopt;
  }
  return Text{std::move(*expansion), value.place};
}

std::optional<Text> TableReader::text(std::string_view key) {
  const RawEntry* entry = find_known(key);
  if (entry == nullptr) return std::nullopt;
  auto out = expanded(key, entry->value);
  if (out && out->value.empty()) {
    mistake(out->place, key, "the string is empty", "give it a value, or remove the key");
    return std::nullopt;
  }
  return out;
}

std::optional<Text> TableReader::new_file(std::string_view key) {
  auto out = text(key);
  if (!out || with_escapes(out->place) == nullptr) return out;
  mistake(out->place, key, "");  // which says what the escapes are
  return std::nullopt;
}

std::optional<std::size_t> TableReader::one_of(std::string_view key,
                                               const std::vector<std::string_view>& choices) {
  const auto found = text(key);
  if (!found) return std::nullopt;
  const auto at = std::find(choices.begin(), choices.end(), found->value);
  if (at != choices.end()) return static_cast<std::size_t>(at - choices.begin());
  std::vector<std::string> quoted;
  for (const auto choice : choices) quoted.push_back(fmt::format("\"{}\"", choice));
  std::string meant = nearest(lower_case(with_plain_characters(found->value)), choices);
  if (meant.empty()) meant = choices.front();
  mistake(found->place, key,
          fmt::format("\"{}\" is none of {}", quotable(found->value), joined_with_and(quoted)),
          Suggestion::string_setting(key, meant));
  return std::nullopt;
}

std::vector<RawValue> TableReader::values(std::string_view key) {
  const RawEntry* entry = find_known(key);
  if (entry == nullptr) return {};
  const RawList* list = std::get_if<RawList>(&entry->value.value);
  if (list == nullptr) return {entry->value};
  if (list->empty())
    mistake(entry->value.place, key, "the list is empty", "give it a value, or remove the key");
  return *list;
}

std::vector<Text> TableReader::texts(std::string_view key) {
  std::vector<Text> out;
  for (const RawValue& value : values(key)) {
    auto text = expanded(key, value);
    if (!text) continue;
    if (text->value.empty())
      mistake(text->place, key, "the string is empty", "give it a value, or remove the key");
    else
      out.push_back(std::move(*text));
  }
  return out;
}

const RawTable* TableReader::table(std::string_view key) {
  const RawEntry* entry = find_known(key);
  if (entry == nullptr) return nullptr;
  if (const RawTable* value = std::get_if<RawTable>(&entry->value.value)) return value;
  wrong_kind(key, entry->value, "a table", fmt::format("[{}]", key));
  return nullptr;
}

void TableReader::refuse_unknown() {
  const auto refuse = [&](const RawTable& table) {
    for (const RawEntry& entry : table) {
      if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
      const std::string meant = nearest(lower_case(entry.key), known_);
      mistake(entry.key_place, "", fmt::format("unknown key \"{}\"", quotable(entry.key)),
              meant.empty() ? "" : fmt::format("did you mean {}?", meant));
    }
  };
  refuse(table_);
  if (fallback_ == nullptr) return;
  scope_ = "defaults";
  refuse(*fallback_);
}

}  // namespace tunnel::config
