// --connect and --accept: what stands in the place of a file's keys.
#pragma once

#include <CLI/App.hpp>

#include <string>
#include <vector>

#include "config/load.hpp"

namespace tunnel::cmd {

// What the options were given, "[NAME=]VALUE" each.
struct OverrideOptions {
  std::vector<std::string> connect;
  std::vector<std::string> accept;
};

// Adds --connect. `options` outlives the command; so below.
void add_connect(CLI::App& command, OverrideOptions& options);
void add_accept(CLI::App& command, OverrideOptions& options);

// The overrides; where a --connect is "-", with the relay that standard input brings.
Result<std::vector<config::Override>> overrides_of(const OverrideOptions& options);

}  // namespace tunnel::cmd
