// The completion script for zsh.
#pragma once

#include <CLI/App.hpp>

#include <string>

namespace tunnel::cmd {

std::string completion_for_zsh(const CLI::App& app);

}  // namespace tunnel::cmd
