// `tunnel upgrade`: a running tunnel goes on with the program that now lies at its path.
#pragma once

#include <CLI/App.hpp>

#include "cmd/cli/options.hpp"

namespace tunnel::cmd {

// See AddSubcommand.
void add_upgrade(CLI::App& app, Command& chosen);

}  // namespace tunnel::cmd
