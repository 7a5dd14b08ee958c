// The completion script for bash.
#pragma once

#include <CLI/App.hpp>

#include <string>

namespace tunnel::cmd {

std::string completion_for_bash(const CLI::App& app);

}  // namespace tunnel::cmd
