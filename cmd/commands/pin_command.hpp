// `tunnel pin`.
#pragma once

#include <CLI/App.hpp>

#include "cmd/cli/options.hpp"

namespace tunnel::cmd {

// See AddSubcommand.
void add_pin(CLI::App& app, Command& chosen);

}  // namespace tunnel::cmd
