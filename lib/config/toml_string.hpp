// A string as TOML writes it.
#pragma once

#include <string>
#include <string_view>

namespace tunnel::config {

// In double quotes, or in single quotes where that spares backslashes. Signs that
// a terminal obeys or that turn the direction of text are escaped.
std::string toml_string(std::string_view value);

// Letters, digits, "-" and "_": a key, or a part of one, that needs no quotes.
bool is_bare_key(std::string_view text);
// The same with dots.
bool is_dotted_key(std::string_view text);

// The end of the string that opens at `start`, behind its closing quote; npos if nothing closes it.
std::size_t string_end(std::string_view text, std::size_t start);

// What a person meant who wrote `content` between double quotes and took a backslash for itself:
// doubled backslashes count as one, but for the two at the start of a network path.
std::string without_escapes(std::string_view content);

}  // namespace tunnel::config
