// --connect and --accept, which override keys of a file.
#pragma once

#include <CLI/App.hpp>

#include <string>
#include <vector>

#include "cmd/cli/relay_offer_input.hpp"
#include "config/load.hpp"

namespace tunnel::cmd {

// The values of the options: "[NAME=]VALUE".
struct OverrideOptions {
  std::vector<std::string> connect;
  std::vector<std::string> accept;
};

// Adds --connect or --accept. `options` outlives the command.
void add_connect(CLI::App& command, OverrideOptions& options);
void add_accept(CLI::App& command, OverrideOptions& options);

// The overrides. Reads the relay from standard input if a --connect is "-".
Result<std::vector<config::Override>> overrides_of(const OverrideOptions& options,
                                                   RestOfInput rest = RestOfInput::ours);

}  // namespace tunnel::cmd
