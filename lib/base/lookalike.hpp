// Characters that look like ASCII and are not: word processors, web pages and input methods put
// them into text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tunnel {

struct Character {
  char32_t code;
  std::size_t size;  // in bytes
};

// The character at `offset` of well-formed UTF-8; of other bytes, one byte.
Character character_at(std::string_view text, std::size_t offset);

struct Lookalike {
  std::string plain;  // the ASCII that was meant; empty for an invisible character
  std::string what;   // "a full-width sign", "a no-break space"
};

std::optional<Lookalike> lookalike(char32_t code);

// The text with ASCII in place of what looks like it.
std::string with_plain_characters(std::string_view text);

// The first of them as a message names it: `＝ is a full-width sign`, `there is a no-break space
// (U+00A0)`; empty if there is none.
std::string first_lookalike(std::string_view text);

}  // namespace tunnel
