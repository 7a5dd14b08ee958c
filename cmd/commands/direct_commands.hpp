// `tunnel client` and `tunnel server`.
#pragma once

#include <CLI/App.hpp>

#include "cmd/cli/options.hpp"

namespace tunnel::cmd {

// See AddSubcommand.
void add_client(CLI::App& app, Command& chosen);
void add_server(CLI::App& app, Command& chosen);

}  // namespace tunnel::cmd
