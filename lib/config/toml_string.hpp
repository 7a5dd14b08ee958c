// A string as TOML writes it.
#pragma once

#include <string>
#include <string_view>

namespace tunnel::config {

// In double quotes, or in single quotes where that spares backslashes. Signs that
// a terminal obeys or that turn the direction of text are escaped.
std::string toml_string(std::string_view value);

// What a person meant who wrote `content` between double quotes and took a backslash for itself:
// doubled backslashes count as one, but for the two at the start of a network path.
std::string without_escapes(std::string_view content);

}  // namespace tunnel::config
