// Finds this machine's offset from UTC at a given time.
#include "config/local_time.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <ctime>
#include <optional>

#include "base/text.hpp"

namespace tunnel::config {

namespace {

using std::chrono::minutes;
using std::chrono::sys_seconds;

struct Civil {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

// "2030-01-31T18:00:00", a blank for the "T", with or without seconds, "/" for "-".
std::optional<Civil> civil(std::string_view text) {
  Civil out;
  int* const fields[] = {&out.year, &out.month, &out.day, &out.hour, &out.minute, &out.second};
  std::size_t count = 0;
  for (int* field : fields) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *field);
    if (error != std::errc()) break;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    ++count;
    if (text.empty() || std::string_view("-/Tt :").find(text.front()) == std::string_view::npos)
      break;
    text.remove_prefix(1);
  }
  const std::chrono::year_month_day date{std::chrono::year(out.year),
                                         std::chrono::month(static_cast<unsigned>(out.month)),
                                         std::chrono::day(static_cast<unsigned>(out.day))};
  const bool good = count >= 3 && date.ok() && out.year >= 1970 && out.hour >= 0 && out.hour < 24 &&
                    out.minute >= 0 && out.minute < 60 && out.second >= 0 && out.second < 61;
  return good ? std::optional(out) : std::nullopt;
}

std::optional<minutes> local_offset(const Civil& time) {
  std::tm local{};
  local.tm_year = time.year - 1900;
  local.tm_mon = time.month - 1;
  local.tm_mday = time.day;
  local.tm_hour = time.hour;
  local.tm_min = time.minute;
  local.tm_sec = time.second;
  local.tm_isdst = -1;
  const std::time_t at = std::mktime(&local);
  if (at == std::time_t{-1}) return std::nullopt;
  using namespace std::chrono;
  const sys_seconds as_utc = sys_days(year(time.year) / time.month / time.day) + hours(time.hour) +
                             minutes(time.minute) + seconds(time.second);
  return duration_cast<minutes>(as_utc - sys_seconds(seconds(at)));
}

std::string offset_text(std::optional<minutes> offset) {
  if (!offset || offset->count() == 0) return "Z";
  const auto all = std::abs(offset->count());
  return fmt::format("{}{:02}:{:02}", offset->count() < 0 ? '-' : '+', all / 60, all % 60);
}

std::string text_of(const Civil& t) {
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", t.year, t.month, t.day, t.hour,
                     t.minute, t.second);
}

// What follows the seconds, if it is an offset.
std::string offset_in(std::string_view text) {
  if (text.ends_with('Z') || text.ends_with('z')) return "Z";
  if (text.size() < 6) return "";
  const std::string_view end = text.substr(text.size() - 6);
  return (end[0] == '+' || end[0] == '-') && end[3] == ':' && text.find(':') < text.size() - 3
             ? std::string(end)
             : "";
}

}  // namespace

std::string with_local_offset(std::string_view time) {
  const auto read = civil(time);
  return std::string(time) + offset_text(read ? local_offset(*read) : std::nullopt);
}

std::string time_meant(const RawValue& value) {
  std::string written;
  if (const auto* text = std::get_if<std::string>(&value.value)) written = trimmed(*text);
  if (const auto* other = std::get_if<RawOther>(&value.value)) written = other->text;
  const auto read = civil(written);
  if (!read) return with_local_offset("2030-01-31T18:00:00");
  const std::string offset = offset_in(written);
  return offset.empty() ? with_local_offset(text_of(*read)) : text_of(*read) + offset;
}

}  // namespace tunnel::config
