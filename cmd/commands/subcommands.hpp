// Every subcommand: each has a file of its own, which adds it to the command line.
#pragma once

#include <CLI/App.hpp>

#include <array>
#include <string>
#include <vector>

#include "cmd/cli/options.hpp"

namespace tunnel::cmd {

// Adds `tunnel NAME`, its options and its help. Where the command line names it, `chosen` becomes
// what it does; the values that options are parsed into live as long as `chosen` or the App does.
using AddSubcommand = void (*)(CLI::App& app, Command& chosen);

void add_client(CLI::App& app, Command& chosen);
void add_server(CLI::App& app, Command& chosen);
void add_check(CLI::App& app, Command& chosen);
void add_keygen(CLI::App& app, Command& chosen);
void add_pin(CLI::App& app, Command& chosen);
void add_status(CLI::App& app, Command& chosen);
void add_install(CLI::App& app, Command& chosen);
void add_uninstall(CLI::App& app, Command& chosen);

// In the order in which the help lists them.
inline constexpr std::array<AddSubcommand, 8> subcommands = {
    add_client, add_server, add_check, add_keygen, add_pin, add_status, add_install, add_uninstall};

// The one that takes what stands behind "--" on the command line: `words`.
void add_run(CLI::App& app, const std::vector<std::string>& words, Command& chosen);

}  // namespace tunnel::cmd
