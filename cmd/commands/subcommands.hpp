// Every subcommand except `tunnel run`, which takes a command after "--".
#pragma once

#include <CLI/App.hpp>

#include <array>

#include "cmd/cli/options.hpp"
#include "cmd/commands/check_command.hpp"
#include "cmd/commands/direct_commands.hpp"
#include "cmd/commands/install_command.hpp"
#include "cmd/commands/keygen_command.hpp"
#include "cmd/commands/pin_command.hpp"
#include "cmd/commands/status_command.hpp"
#include "cmd/commands/upgrade_command.hpp"

namespace tunnel::cmd {

// Adds a subcommand with its options and help to `app`. Parsing a command line that names it sets
// `chosen`. The values of the options live as long as `chosen` or `app`.
using AddSubcommand = void (*)(CLI::App& app, Command& chosen);

// In the order of the help.
inline constexpr std::array<AddSubcommand, 9> subcommands = {
    add_client, add_server,  add_check,   add_keygen,   add_pin,
    add_status, add_upgrade, add_install, add_uninstall};

}  // namespace tunnel::cmd
