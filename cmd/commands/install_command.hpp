// `tunnel install` and `tunnel uninstall`.
#pragma once

#include <CLI/App.hpp>

#include "cmd/cli/options.hpp"

namespace tunnel::cmd {

// See AddSubcommand.
void add_install(CLI::App& app, Command& chosen);
void add_uninstall(CLI::App& app, Command& chosen);

}  // namespace tunnel::cmd
