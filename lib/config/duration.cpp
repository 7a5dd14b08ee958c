// Durations: a strict parser, and a lenient one for the line to suggest.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.hpp"
#include "config/values.hpp"

namespace tunnel::config {

namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  std::uint64_t ms;
};
constexpr Unit units[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr std::uint64_t longest = 3650ULL * 86'400'000;

// As people write them.
constexpr Unit unit_words[] = {{"ms", 1},
                               {"msec", 1},
                               {"msecs", 1},
                               {"millis", 1},
                               {"millisecond", 1},
                               {"milliseconds", 1},
                               {"s", 1000},
                               {"sec", 1000},
                               {"secs", 1000},
                               {"second", 1000},
                               {"seconds", 1000},
                               {"m", 60'000},
                               {"min", 60'000},
                               {"mins", 60'000},
                               {"minute", 60'000},
                               {"minutes", 60'000},
                               {"h", 3'600'000},
                               {"hr", 3'600'000},
                               {"hrs", 3'600'000},
                               {"hour", 3'600'000},
                               {"hours", 3'600'000},
                               {"d", 86'400'000},
                               {"day", 86'400'000},
                               {"days", 86'400'000},
                               {"w", 604'800'000},
                               {"wk", 604'800'000},
                               {"week", 604'800'000},
                               {"weeks", 604'800'000},
                               {"mon", 2'592'000'000},
                               {"month", 2'592'000'000},
                               {"months", 2'592'000'000},
                               {"y", 31'536'000'000},
                               {"year", 31'536'000'000},
                               {"years", 31'536'000'000}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

void drop_separators(std::string_view& text) {
  for (;;) {
    const auto first = text.find_first_not_of(" \t\r\n,+.");
    text.remove_prefix(std::min(first, text.size()));
    if (!text.starts_with("and ")) return;
    text.remove_prefix(4);
  }
}

// "1.5" and "1,5"; nothing for no number.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  std::size_t used = 0;
  for (double digit_worth = 0; used < text.size(); ++used) {
    const bool point = text[used] == '.' || text[used] == ',';
    if (point && digit_worth == 0 && used > 0 && used + 1 < text.size() &&
        is_digit(text[used + 1])) {
      digit_worth = 1;
    } else if (!is_digit(text[used])) {
      break;
    } else if (digit_worth == 0) {
      value = value * 10 + (text[used] - '0');
    } else {
      digit_worth /= 10;
      value += digit_worth * (text[used] - '0');
    }
  }
  text.remove_prefix(used);
  return used == 0 ? std::nullopt : std::optional(value);
}

const Unit* take_unit(std::string_view& text) {
  const auto length = static_cast<std::size_t>(
      std::find_if_not(text.begin(), text.end(), is_letter) - text.begin());
  const auto* unit =
      std::find_if(std::begin(unit_words), std::end(unit_words),
                   [&](const Unit& one) { return one.name == text.substr(0, length); });
  text.remove_prefix(length);
  return unit == std::end(unit_words) ? nullptr : unit;
}

// "PT1H30M", "P2D" (ISO 8601): "M" before the "T" would be months.
std::string without_iso_signs(std::string text) {
  const auto time = text.find('t');
  if (!text.starts_with('p') || text.substr(0, time).find_first_of("my") != text.npos) return text;
  text.erase(0, 1);
  std::erase(text, 't');
  return text;
}

// "1:30:00" is certain; "1:30" isn't, and gets no value.
std::optional<double> clock_time(std::string_view text) {
  if (std::count(text.begin(), text.end(), ':') != 2) return std::nullopt;
  double total = 0;
  for (const double unit : {3'600'000.0, 60'000.0, 1000.0}) {
    const auto value = take_number(text);
    if (!value) return std::nullopt;
    total += *value * unit;
    if (unit > 1000 && !text.starts_with(':')) return std::nullopt;
    if (unit > 1000) text.remove_prefix(1);
  }
  return text.empty() ? std::optional(total) : std::nullopt;
}

// What "30 min", "1.5h", "2 weeks", "1h30" or "never" most likely means.
std::optional<double> meant(std::string_view written) {
  const std::string word = without_iso_signs(lower_case(trimmed(written)));
  for (const std::string_view never : {"never", "off", "none", "no", "forever", "infinite",
                                       "infinity", "inf", "unlimited", "disabled", "false", "-1"})
    if (word == never) return 0;
  if (const auto time = clock_time(word)) return time;
  std::string_view rest = word;
  double total = 0;
  double last_unit = 0;
  do {
    const auto amount = take_number(rest);
    if (!amount) return std::nullopt;
    drop_separators(rest);
    double unit = last_unit > 1000 ? last_unit / 60 : 1000;  // "1h30" and "30"
    if (last_unit == 86'400'000) unit = 3'600'000;
    if (!rest.empty() && !is_digit(rest.front())) {
      const Unit* found = take_unit(rest);
      if (found == nullptr) return std::nullopt;
      unit = static_cast<double>(found->ms);
    }
    total += *amount * unit;
    last_unit = unit;
    drop_separators(rest);
  } while (!rest.empty());
  return total;
}

std::string shortest(double ms) {
  if (!(ms >= 0) || ms > static_cast<double>(longest)) return "";
  auto left = static_cast<std::uint64_t>(std::llround(ms));
  if (left == 0) return "0s";
  std::string out;
  for (std::size_t i = std::size(units); i-- > 0;) {
    const std::uint64_t amount = left / units[i].ms;
    if (amount != 0) out += fmt::format("{}{}", amount, units[i].name);
    left %= units[i].ms;
  }
  return out;
}

std::string hint_for(std::string_view text) {
  const auto ms = meant(text);
  const std::string out = ms ? shortest(*ms) : "";
  return out.empty() ? "30s" : out;
}

// "1:30"
std::optional<Error> ambiguous(std::string_view text) {
  const std::string_view bare = trimmed(text);
  const auto colon = bare.find(':');
  const auto is_number = [](std::string_view part) {
    return !part.empty() && part.size() <= 4 && std::all_of(part.begin(), part.end(), is_digit);
  };
  if (colon == bare.npos || !is_number(bare.substr(0, colon)) || !is_number(bare.substr(colon + 1)))
    return std::nullopt;
  const std::string_view first = bare.substr(0, colon);
  const std::string_view second = bare.substr(colon + 1);
  const std::string hours = hint_for(fmt::format("{}h{}m", first, second));
  const std::string minutes = hint_for(fmt::format("{}m{}s", first, second));
  return Error{fmt::format("\"{}\" is ambiguous: {} or {}?", quotable(text), hours, minutes),
               hours};
}

}  // namespace

Result<milliseconds> duration(std::string_view text) {
  const auto wrong = [&](std::string_view why, std::string hint) {
    return Error{fmt::format("\"{}\" {}", quotable(text), why), std::move(hint)};
  };
  if (auto error = ambiguous(text)) return *error;
  std::uint64_t total = 0;
  std::string_view rest = text;
  do {
    const std::size_t digits = static_cast<std::size_t>(
        std::find_if_not(rest.begin(), rest.end(), is_digit) - rest.begin());
    std::uint64_t amount = 0;
    const auto parsed = std::from_chars(rest.data(), rest.data() + digits, amount);
    if (digits == 0 || parsed.ec != std::errc()) return wrong("is not a duration", hint_for(text));
    rest.remove_prefix(digits);
    if (rest.empty()) return wrong("has no unit: ms, s, m, h or d", hint_for(text));
    const std::string_view name = rest.substr(
        0,
        static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), is_digit) - rest.begin()));
    const auto* unit = std::find_if(std::begin(units), std::end(units),
                                    [&](const Unit& u) { return u.name == name; });
    if (unit == std::end(units))
      return wrong("has a unit that is none of ms, s, m, h, d", hint_for(text));
    if (amount > longest / unit->ms || total + amount * unit->ms > longest)
      return wrong("is longer than ten years", "0s");
    total += amount * unit->ms;
    rest.remove_prefix(name.size());
  } while (!rest.empty());
  return milliseconds(total);
}

}  // namespace tunnel::config
