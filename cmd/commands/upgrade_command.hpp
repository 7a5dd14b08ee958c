// `tunnel upgrade`: switches a running tunnel to the newly installed program.
#pragma once

#include <CLI/App.hpp>

#include "cmd/cli/options.hpp"

namespace tunnel::cmd {

// See AddSubcommand.
void add_upgrade(CLI::App& app, Command& chosen);

}  // namespace tunnel::cmd
