// Typed reading of a raw table.
#include "config/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/lookalike.hpp"
#include "base/text.hpp"
#include "config/foreign_keys.hpp"
#include "config/foreign_names.hpp"
#include "config/headers.hpp"
#include "config/known_keys.hpp"
#include "config/local_time.hpp"
#include "config/toml_string.hpp"
#include "config/toml_text.hpp"

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

// "relay.example:443\t": its only escape is a blank that was pasted behind it.
bool ends_in_blank(std::string_view written) {
  return written.size() > 2 && written.find('\\') == written.size() - 2 &&
         std::string_view("tnr").find(written.back()) != std::string_view::npos;
}

std::optional<bool> truth_meant(const RawValue& value) {
  if (const auto* text = std::get_if<std::string>(&value.value)) return truth_of(trimmed(*text));
  if (const auto* number = std::get_if<std::int64_t>(&value.value)) return *number != 0;
  return std::nullopt;
}

// The number in "10" or 10.0.
std::optional<std::int64_t> number_meant(const RawValue& value) {
  if (const auto* fraction = std::get_if<double>(&value.value))
    return *fraction >= 0 && *fraction < 1e9 ? std::optional(static_cast<std::int64_t>(*fraction))
                                             : std::nullopt;
  const auto* text = std::get_if<std::string>(&value.value);
  if (text == nullptr) return std::nullopt;
  std::string digits(trimmed(*text));
  std::erase_if(digits, [](char c) { return c == ',' || c == '_'; });
  if (digits.size() > 9 || !is_digits(digits)) return std::nullopt;
  return std::stoll(digits);
}

// 1.5 is a second and a half, and 00:30:00 half an hour.
std::string duration_meant(const RawValue& value) {
  if (const double* seconds = std::get_if<double>(&value.value))
    if (*seconds >= 0 && *seconds < 1e9)
      return duration(fmt::format("{:.3f} s", *seconds)).error().hint;
  if (const RawOther* other = std::get_if<RawOther>(&value.value); other && !other->text.empty())
    if (auto read = duration(other->text); !read) return read.error().hint;
  return "30s";
}

Suggestion example_line(std::string_view key) {
  const KnownKey* known = known_key(key);
  const bool has_one = known != nullptr && !known->example.empty();
  return Suggestion::setting(key, has_one ? known->example : "\"...\"");
}

std::string quoted_choices(const std::vector<std::string_view>& choices) {
  std::vector<std::string> quoted;
  for (const auto choice : choices) quoted.push_back(fmt::format("\"{}\"", choice));
  return joined_with_and(quoted);
}

// The header of the first service, for a key that stands above it.
std::string first_service(const RawTable& root) {
  const RawEntry* services = find(root, "service");
  const RawTable* table =
      services != nullptr ? std::get_if<RawTable>(&services->value.value) : nullptr;
  const bool named = table != nullptr && !table->empty();
  return service_header(named ? table->front().key : "vnc");
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
    return !knows(entry.key) && nearest(lower_case(entry.key), known_) == key;
  };
  return std::any_of(table_.begin(), table_.end(), is_meant) ||
         (fallback_ != nullptr && std::any_of(fallback_->begin(), fallback_->end(), is_meant));
}

void TableReader::mistake(const Place& place, std::string_view key, std::string what,
                          Suggestion suggestion, std::filesystem::path unreadable) {
  if (!key.empty()) refused_.emplace_back(key);
  // the value that is refused isn't the one that was meant
  const RawValue* value = with_escapes(place);
  const bool answered = value != nullptr && ends_in_blank(value->written) && !suggestion.empty();
  if (value != nullptr && !key.empty() && !answered) {
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
  mistake(value.place, key, fmt::format("{} is needed, not {}", wanted, value.kind()),
          std::move(suggestion));
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const RawEntry* entry = find_known(key);
  if (entry == nullptr) return std::nullopt;
  if (const bool* value = std::get_if<bool>(&entry->value.value)) return *value;
  wrong_kind(key, entry->value, "true or false",
             Suggestion::setting(key, truth_meant(entry->value).value_or(true) ? "true" : "false"));
  return std::nullopt;
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::int64_t min,
                                                 std::int64_t max) {
  const RawEntry* entry = find_known(key);
  if (entry == nullptr) return std::nullopt;
  const std::int64_t* value = std::get_if<std::int64_t>(&entry->value.value);
  if (value == nullptr) {
    const std::int64_t meant = std::clamp(number_meant(entry->value).value_or(min), min, max);
    wrong_kind(key, entry->value, "a whole number",
               Suggestion::setting(key, std::to_string(meant)));
    return std::nullopt;
  }
  if (*value < min || *value > max) {
    mistake(entry->value.place, key, fmt::format("{} is not from {} to {}", *value, min, max),
            Suggestion::setting(key, std::to_string(std::clamp(*value, min, max))));
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
    wrong_kind(key, entry->value, "a duration",
               Suggestion::string_setting(key, duration_meant(entry->value)));
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
               Suggestion::setting(key, time_meant(entry->value)));
    return std::nullopt;
  }
  if (!value->instant) {
    mistake(
        entry->value.place, key,
        fmt::format("{} has no offset from UTC, so it is another moment elsewhere", value->text),
        Suggestion::setting(key, with_local_offset(value->text)));
    return std::nullopt;
  }
  return Instant{*value->instant, value->text};
}

std::optional<Text> TableReader::expanded(std::string_view key, const RawValue& value) {
  const std::string* string = std::get_if<std::string>(&value.value);
  if (string == nullptr) {
    wrong_kind(key, value, "a string", example_line(key));
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
  const RawEntry* entry = find_known(key);
  if (entry != nullptr && !std::holds_alternative<std::string>(entry->value.value)) {
    wrong_kind(key, entry->value, fmt::format("one of {}", quoted_choices(choices)),
               choice_line(key, closest_choice(toml_text(entry->value), choices)));
    return std::nullopt;
  }
  const auto found = text(key);
  if (!found) return std::nullopt;
  const auto at = std::find(choices.begin(), choices.end(), found->value);
  if (at != choices.end()) return static_cast<std::size_t>(at - choices.begin());
  mistake(found->place, key,
          fmt::format("\"{}\" is none of {}", quotable(found->value), quoted_choices(choices)),
          choice_line(key, closest_choice(with_plain_characters(found->value), choices)));
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

bool TableReader::knows(std::string_view key) const {
  return std::find(known_.begin(), known_.end(), key) != known_.end();
}

bool TableReader::misnamed(std::string_view key) const {
  return std::any_of(table_.begin(), table_.end(), [&](const RawEntry& entry) {
    if (!home_of(entry.key).empty()) return false;
    const std::string bare = bare_name(entry.key);
    return bare == key || foreign_meaning(entry.key, table_) == key || nearest(bare, {key}) == key;
  });
}

Suggestion TableReader::meant_by(const RawEntry& entry, const RawTable& table) const {
  const std::string bare = bare_name(entry.key);
  for (const std::string_view key : known_)
    if (bare_name(key) == bare) return fmt::format("did you mean {}?", key);
  const std::string_view home = home_of(entry.key);
  const std::string as_it_is = fmt::format("{} = {}", entry.key, toml_text(entry.value));
  if (home == "service" && scope_.empty()) return below_header(first_service(table), as_it_is);
  if (!home.empty() && home != "service") return below_header(home, as_it_is);
  if (auto foreign = foreign_key(entry, table)) {
    if (foreign->key == "accept" || foreign->key == "connect")
      return fmt::format("did you mean {0}?\n    {0} = {1}", foreign->key, foreign->toml);
    if (foreign->key.empty() || knows(foreign->key)) return *foreign;
    if (home_of(foreign->key) == "service" && scope_.empty())
      return below_header(first_service(table),
                          fmt::format("{} = {}", foreign->key, foreign->toml));
  }
  const std::string meant = nearest(lower_case(entry.key), known_);
  return meant.empty() ? "" : fmt::format("did you mean {}?", meant);
}

void TableReader::refuse_unknown() {
  const auto refuse = [&](const RawTable& table) {
    for (const RawEntry& entry : table)
      if (!knows(entry.key))
        mistake(entry.key_place, "", fmt::format("unknown key \"{}\"", quotable(entry.key)),
                meant_by(entry, table));
  };
  refuse(table_);
  if (fallback_ == nullptr) return;
  scope_ = "defaults";
  refuse(*fallback_);
}

}  // namespace tunnel::config
