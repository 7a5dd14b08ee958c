// Options that are misspelt, misplaced, or other programs'.
#pragma once

#include <CLI/App.hpp>

#include <optional>

#include "cmd/cli/slip.hpp"

namespace tunnel::cmd {

std::optional<Slip> slip_in_options(const CLI::App& app, const Reading& reading,
                                    const CommandLine& line);

}  // namespace tunnel::cmd
