// The table of characters that look like ASCII.
#include "base/lookalike.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tunnel {

namespace {

struct Row {
  char32_t code;
  std::string_view plain;
  std::string_view what;
};

constexpr std::array<Row, 34> rows = {{
    {0x60, "'", "a backtick"},
    {0xa0, " ", "a no-break space"},
    {0xab, "\"", "a guillemet"},
    {0xad, "", "a soft hyphen"},
    {0xb4, "'", "an acute accent"},
    {0xbb, "\"", "a guillemet"},
    {0x1680, " ", "an Ogham space mark"},
    {0x180e, "", "an invisible character"},
    {0x2010, "-", "a typographic hyphen"},
    {0x2011, "-", "a typographic hyphen"},
    {0x2012, "-", "a typographic dash"},
    {0x2013, "-", "a typographic dash"},
    {0x2014, "-", "a typographic dash"},
    {0x2018, "'", "a typographic quote"},
    {0x2019, "'", "a typographic quote"},
    {0x201a, "'", "a typographic quote"},
    {0x201b, "'", "a typographic quote"},
    {0x201c, "\"", "a typographic quote"},
    {0x201d, "\"", "a typographic quote"},
    {0x201e, "\"", "a typographic quote"},
    {0x201f, "\"", "a typographic quote"},
    {0x2028, " ", "a line separator"},
    {0x2029, " ", "a paragraph separator"},
    {0x202f, " ", "a narrow no-break space"},
    {0x2032, "'", "a prime"},
    {0x2033, "\"", "a double prime"},
    {0x205f, " ", "a mathematical space"},
    {0x2212, "-", "a minus sign"},
    {0x3000, " ", "an ideographic space"},
    {0x3002, ".", "an ideographic full stop"},
    {0x300c, "\"", "a corner bracket"},
    {0x300d, "\"", "a corner bracket"},
    {0xfeff, "", "a byte order mark"},
    {0xff61, ".", "an ideographic full stop"},
}};

bool is_invisible(char32_t code) {
  return (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x2069);
}

}  // namespace

Character character_at(std::string_view text, std::size_t offset) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[offset + i]); };
  const unsigned first = byte(0);
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
  if (size == 1 || offset + size > text.size()) return {first, 1};
  char32_t code = first & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {first, 1};
    code = code << 6 | (byte(i) & 0x3f);
  }
  return {code, size};
}

std::optional<Lookalike> lookalike(char32_t code) {
  if (code >= 0xff01 && code <= 0xff5e) {
    const char plain = static_cast<char>(code - 0xff01 + '!');
    const bool digit = plain >= '0' && plain <= '9';
    const bool letter = (plain >= 'a' && plain <= 'z') || (plain >= 'A' && plain <= 'Z');
    return Lookalike{std::string(1, plain), digit    ? "a full-width digit"
                                            : letter ? "a full-width letter"
                                                     : "a full-width sign"};
  }
  if (code >= 0x2000 && code <= 0x200a) return Lookalike{" ", "a typographic space"};
  if (is_invisible(code)) return Lookalike{"", "an invisible character"};
  const auto* row =
      std::find_if(rows.begin(), rows.end(), [&](const Row& one) { return one.code == code; });
  if (row == rows.end()) return std::nullopt;
  return Lookalike{std::string(row->plain), std::string(row->what)};
}

std::string with_plain_characters(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const Character character = character_at(text, i);
    const auto found = lookalike(character.code);
    out += found ? found->plain : std::string(text.substr(i, character.size));
    i += character.size;
  }
  return out;
}

std::string first_lookalike(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const Character character = character_at(text, i);
    const auto found = lookalike(character.code);
    if (found && (found->plain.empty() || found->plain == " "))
      return fmt::format("there is {} (U+{:04X})", found->what,
                         static_cast<std::uint32_t>(character.code));
    if (found) return fmt::format("{} is {}", text.substr(i, character.size), found->what);
    i += character.size;
  }
  return "";
}

}  // namespace tunnel
