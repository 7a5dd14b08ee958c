// The pieces of patterns.
#include "protocol/pattern.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace tunnel {

namespace {

// Whether `bytes` and `start` agree as far as both go.
bool agree(std::string_view bytes, std::string_view start, bool any_case) {
  const std::size_t n = std::min(bytes.size(), start.size());
  return std::equal(
      bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n), start.begin(),
      [any_case](char a, char b) { return any_case ? lower_case(a) == lower_case(b) : a == b; });
}

}  // namespace

Match line_with(std::string_view bytes, bool ended, std::span<const std::string_view> words) {
  const std::size_t end = bytes.find('\n');
  const std::string_view line = bytes.substr(0, end);
  for (const std::string_view word : words)
    if (std::search(line.begin(), line.end(), word.begin(), word.end(),
                    [](char a, char b) { return lower_case(a) == lower_case(b); }) != line.end())
      return Match::yes;
  return end == bytes.npos && !ended ? Match::more : Match::no;
}

Match starts(std::string_view bytes, std::string_view start, bool any_case) {
  if (!agree(bytes, start, any_case)) return Match::no;
  return bytes.size() >= start.size() ? Match::yes : Match::more;
}

Match any_of(std::string_view bytes, std::span<const std::string_view> prefixes, bool any_case) {
  Match best = Match::no;
  for (const std::string_view start : prefixes) {
    const Match match = starts(bytes, start, any_case);
    if (match == Match::yes) return match;
    if (match == Match::more) best = match;
  }
  return best;
}

Match tls(std::string_view bytes, bool) {
  return Bytes{bytes}.need(0, [](auto b) { return b == 0x15 || b == 0x16; }).is(1, 3).match;
}

Match ssh(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 2> all = {"SSH-2.0-", "SSH-1."};
  return any_of(bytes, all);
}

// "RFB 003.008\n"
Match vnc(std::string_view bytes, bool) {
  const Match start = starts(bytes, "RFB ");
  if (start != Match::yes) return start;
  Bytes version{bytes};
  for (std::size_t i = 4; i < 11; ++i)
    version.need(i, [i](auto b) { return i == 7 ? b == '.' : is_digit(static_cast<char>(b)); });
  return version.is(11, '\n').match;
}

}  // namespace tunnel
