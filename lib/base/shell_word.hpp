// Words of commands that a message suggests.
#pragma once

#include <string>
#include <string_view>

namespace tunnel {

// The word as the system's shell takes it, in quotes where it needs them: single ones for sh, bash,
// zsh and fish, double ones on Windows. In one line.
std::string shell_word(std::string_view word);

}  // namespace tunnel
