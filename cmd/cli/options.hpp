// The command line as what it asks for.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace tunnel {

// Does what was asked for, and returns the exit status.
using Command = std::function<int()>;

// What to print and the exit status, where the command line asks for no more (help, version) or is
// wrong.
struct Answer {
  std::string text;
  int status = 0;
};

// `words` begin with the name of the program.
std::variant<Command, Answer> parse_options(const std::vector<std::string>& words);

}  // namespace tunnel
