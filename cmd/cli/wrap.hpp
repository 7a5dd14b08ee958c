// Words in lines that fit a screen.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tunnel::cmd {

constexpr std::size_t screen_width = 80;

// Lines of at most `screen_width`, with a line feed behind each, all but the first begun with
// `indent` blanks; the first has `used` columns already. A word that is too long stays whole, so
// that it can be copied.
std::string wrapped(std::string_view text, std::size_t used, std::size_t indent);

}  // namespace tunnel::cmd
