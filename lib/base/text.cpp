// Quantities and foreign bytes as text: the rules for rounding, escaping and likeness.
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/lookalike.hpp"

namespace tunnel {

std::string duration_text(std::chrono::nanoseconds d) {
  using namespace std::chrono;
  if (d < 10s) {
    const auto ms = duration_cast<milliseconds>(d).count();
    if (ms < 1000) return fmt::format("{} ms", ms);
    return fmt::format("{}.{} s", ms / 1000, ms % 1000 / 100);
  }
  const auto s = duration_cast<seconds>(d).count();
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{}m{:02}s", s / 60, s % 60);
  if (s < 86400) return fmt::format("{}h{:02}m", s / 3600, s % 3600 / 60);
  return fmt::format("{}d{:02}h", s / 86400, s % 86400 / 3600);
}

// Not by the system's calendar, which knows less about far years, and is not safe in threads
// everywhere.
std::string date_text(std::chrono::sys_seconds time) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string time_text(std::chrono::sys_seconds time) {
  const auto in_day = (time - std::chrono::floor<std::chrono::days>(time)).count();
  return fmt::format("{} {:02}:{:02}:{:02} UTC", date_text(time), in_day / 3600, in_day / 60 % 60,
                     in_day % 60);
}

std::string bytes_text(std::uint64_t n) {
  if (n < 1000) return fmt::format("{} B", n);
  static constexpr std::array units = {"kB", "MB", "GB", "TB", "PB"};
  double scaled = static_cast<double>(n) / 1000;
  std::size_t unit = 0;
  // 999.95 would be printed as 1000.0
  while (scaled >= 999.95 && unit + 1 < units.size()) {
    scaled /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", scaled, units[unit]);
}

std::string escaped(std::string_view bytes, std::size_t limit) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == limit) return out + "...";
    const auto c = static_cast<unsigned char>(bytes[i]);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c < 0x20 || c >= 0x7f) {
      out += fmt::format("\\x{:02x}", c);
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

namespace {

// C1 controls, and what breaks a line or changes the direction of the text behind it.
bool changes_the_line(char32_t code) {
  return (code >= 0x80 && code < 0xa0) || code == 0x061c || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

// The character at `offset` as one_line() shows it.
std::string shown_character(std::string_view text, std::size_t offset, const Character& character) {
  const std::string_view bytes = text.substr(offset, character.size);
  if (character.code < 0x20 || character.code == 0x7f) return escaped(bytes);
  if (character.code < 0x7f) return std::string(bytes);
  if (first_invalid_utf8(bytes)) return escaped(bytes);
  if (changes_the_line(character.code))
    return fmt::format("\\u{:04x}", static_cast<std::uint32_t>(character.code));
  return std::string(bytes);
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Character character = character_at(text, i);
    out += shown_character(text, i, character);
    i += character.size;
  }
  return out;
}

std::string quotable(std::string_view text, std::size_t limit) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Character character = character_at(text, i);
    if (i + character.size > limit) return out + "...";
    const bool special = character.code == '"' || character.code == '\\';
    if (special) out += '\\';
    out += shown_character(text, i, character);
    i += character.size;
  }
  return out;
}

std::string in_markup(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower_case(c);
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\f\v";
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::string_view first = words.substr(0, words.find(' '));
    if (first == word) return true;
    words.remove_prefix(std::min(words.size(), first.size() + 1));
  }
  return false;
}

std::string joined_with_and(const std::vector<std::string>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += i + 1 == parts.size() ? " and " : ", ";
    out += parts[i];
  }
  return out;
}

namespace {

// Of a character, by its first byte; 0 if none begins so.
std::size_t utf8_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}

// Overlong forms, surrogates and what lies above U+10FFFF begin so.
bool means_no_character(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xe0:
      return second < 0xa0;
    case 0xed:
      return second >= 0xa0;
    case 0xf0:
      return second < 0x90;
    case 0xf4:
      return second >= 0x90;
    default:
      return false;
  }
}

}  // namespace

std::optional<std::size_t> first_invalid_utf8(std::string_view bytes) {
  const auto at = [&](std::size_t k) { return static_cast<unsigned char>(bytes[k]); };
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t length = utf8_length(at(i));
    if (length == 0 || i + length > bytes.size()) return i;
    for (std::size_t k = 1; k < length; ++k)
      if ((at(i + k) & 0xc0) != 0x80) return i;
    if (length > 1 && means_no_character(at(i), at(i + 1))) return i;
    i += length;
  }
  return std::nullopt;
}

namespace {

// Optimal string alignment: letters added, left out, replaced, or swapped with their neighbour.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before;
  std::vector<std::size_t> last;
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance < word.size()) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

namespace {

std::string rfc3339_with_fraction(std::chrono::sys_time<std::chrono::milliseconds> time,
                                  std::string_view fraction) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{}T{:02}:{:02}:{:02}{}Z", date_text(day), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), fraction);
}

std::string fraction_of(std::chrono::sys_time<std::chrono::milliseconds> time) {
  const auto rest = time - std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format(".{:03}", rest.count());
}

}  // namespace

std::string rfc3339(std::chrono::sys_time<std::chrono::milliseconds> time) {
  const std::string fraction = fraction_of(time);
  return rfc3339_with_fraction(time, fraction == ".000" ? "" : fraction);
}

std::string rfc3339_milliseconds(std::chrono::sys_time<std::chrono::milliseconds> time) {
  return rfc3339_with_fraction(time, fraction_of(time));
}

std::string rate_text(std::uint64_t bytes, std::chrono::nanoseconds elapsed) {
  const double seconds = std::chrono::duration<double>(elapsed).count();
  const double rate = seconds > 0 ? static_cast<double>(bytes) / seconds : 0;
  return bytes_text(static_cast<std::uint64_t>(rate)) + "/s";
}

}  // namespace tunnel
