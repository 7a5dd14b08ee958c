// The completion script for PowerShell.
#pragma once

#include <CLI/App.hpp>

#include <string>

namespace tunnel::cmd {

std::string completion_for_powershell(const CLI::App& app);

}  // namespace tunnel::cmd
