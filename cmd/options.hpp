// The command line as a value.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "config/load.hpp"

namespace tunnel {

struct Options {
  std::string config;
  bool test = false;  // check only
  std::vector<config::Override> overrides;
};

// What to print and the exit status, where the command line asks for no more (help, version) or is
// wrong.
struct Answer {
  std::string text;
  int status = 0;
};

std::variant<Options, Answer> parse_options(int argc, char** argv);

}  // namespace tunnel
