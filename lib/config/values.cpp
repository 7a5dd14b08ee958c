// Strict parsers for the values inside strings.
#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/text.hpp"

namespace tunnel::config {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Result<std::chrono::milliseconds> duration(std::string_view text) {
  using std::chrono::milliseconds;
  struct Unit {
    std::string_view name;
    std::uint64_t ms;
  };
  static constexpr Unit units[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  static constexpr std::uint64_t longest = 3650ULL * 86'400'000;

  const auto wrong = [&](std::string_view why, std::string hint) {
    return Error{fmt::format("\"{}\" {}", quotable(text), why), std::move(hint)};
  };
  std::uint64_t total = 0;
  std::string_view rest = text;
  do {
    const std::size_t digits = static_cast<std::size_t>(
        std::find_if_not(rest.begin(), rest.end(), is_digit) - rest.begin());
    std::uint64_t amount = 0;
    const auto parsed = std::from_chars(rest.data(), rest.data() + digits, amount);
    if (digits == 0 || parsed.ec != std::errc()) return wrong("is not a duration", "30s");
    rest.remove_prefix(digits);
    if (rest.empty()) return wrong("has no unit: ms, s, m, h or d", fmt::format("{}s", amount));
    const std::string_view name = rest.substr(
        0,
        static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), is_digit) - rest.begin()));
    const auto* unit = std::find_if(std::begin(units), std::end(units),
                                    [&](const Unit& u) { return u.name == name; });
    if (unit == std::end(units))
      return wrong("has a unit that is none of ms, s, m, h, d", fmt::format("{}s", amount));
    if (amount > longest / unit->ms || total + amount * unit->ms > longest)
      return wrong("is longer than ten years", "0s");
    total += amount * unit->ms;
    rest.remove_prefix(name.size());
  } while (!rest.empty());
  return milliseconds(total);
}

Result<std::string> expand_variables(std::string_view text, const Environment& environment) {
  std::string out;
  for (;;) {
    const auto start = text.find("${");
    if (start == text.npos) return out.append(text);
    if (start > 0 && text[start - 1] == '$') {
      out.append(text.substr(0, start - 1)).append("${");
      text.remove_prefix(start + 2);
      continue;
    }
    out.append(text.substr(0, start));
    text.remove_prefix(start + 2);
    const auto end = text.find('}');
    if (end == text.npos)
      return Error{"\"${\" is not closed by \"}\"", "write $${ for a literal ${"};
    const std::string name(text.substr(0, end));
    const auto value = environment(name);
    if (!value)
      return Error{
          fmt::format("the environment variable {} is not set", quotable(name)),
          fmt::format("set {} before the start, or write the value itself", quotable(name))};
    out.append(*value);
    text.remove_prefix(end + 1);
  }
}

}  // namespace tunnel::config
