// The completion script for fish.
#pragma once

#include <CLI/App.hpp>

#include <string>

namespace tunnel::cmd {

std::string completion_for_fish(const CLI::App& app);

}  // namespace tunnel::cmd
