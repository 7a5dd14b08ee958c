// Wraps text to the width of a screen.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tunnel::cmd {

constexpr std::size_t screen_width = 80;

// Lines of at most `screen_width` columns, each with a line feed. The first line has `used` columns
// already; the others begin with `indent` blanks. A longer word stays whole, so it can be copied.
std::string wrapped(std::string_view text, std::size_t used, std::size_t indent);

}  // namespace tunnel::cmd
