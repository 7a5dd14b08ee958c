// `tunnel run`.
#pragma once

#include <CLI/App.hpp>

#include <string>
#include <vector>

#include "cmd/cli/options.hpp"

namespace tunnel::cmd {

// As AddSubcommand; `words` is the command after "--".
void add_run(CLI::App& app, const std::vector<std::string>& words, Command& chosen);

}  // namespace tunnel::cmd
