// What a protocol's first bytes look like: the pieces of patterns, and the patterns that clients
// and servers share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/detect.hpp"

namespace tunnel {

// A pattern's yes or no doesn't change when more bytes arrive. The first pattern that doesn't say
// no decides, so detection as a whole doesn't change its mind either.
enum class Match { no, more, yes };

using Pattern = Match (*)(std::string_view bytes, bool ended);

struct ProtocolPattern {
  Protocol protocol;
  Pattern pattern;
};

inline std::uint8_t at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether one of the words, in any case, is in the first line. An unfinished line may still get it.
Match line_with(std::string_view bytes, bool ended, std::span<const std::string_view> words);
Match starts(std::string_view bytes, std::string_view start, bool any_case = false);
Match any_of(std::string_view bytes, std::span<const std::string_view> prefixes,
             bool any_case = false);

// Checks bytes at fixed offsets: no if one is wrong, more if one has not arrived.
struct Bytes {
  std::string_view bytes;
  Match match = Match::yes;

  template <class Test>
  Bytes& need(std::size_t i, Test test) {
    if (match != Match::yes) return *this;
    if (i >= bytes.size())
      match = Match::more;
    else if (!test(at(bytes, i)))
      match = Match::no;
    return *this;
  }
  Bytes& is(std::size_t i, std::uint8_t value) {
    return need(i, [value](std::uint8_t byte) { return byte == value; });
  }
};

Match tls(std::string_view bytes, bool ended);
Match ssh(std::string_view bytes, bool ended);
Match vnc(std::string_view bytes, bool ended);

}  // namespace tunnel
