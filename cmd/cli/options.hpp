// The command line, parsed into the command that it names.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "cmd/cli/exit_status.hpp"

namespace tunnel::cmd {

// Runs what the command line asks for.
using Command = std::function<ExitStatus()>;

// Text to print instead of running a command: help, the version, or a mistake in the command line.
struct EarlyExit {
  std::string text;
  ExitStatus status = ExitStatus::ok;
};

// The first of `words` is the name of the program.
std::variant<Command, EarlyExit> parse_options(const std::vector<std::string>& words);

}  // namespace tunnel::cmd
