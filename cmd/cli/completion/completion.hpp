// Completion scripts for shells.
#pragma once

#include <CLI/App.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace tunnel::cmd {

inline constexpr std::array<std::string_view, 4> shells = {"bash", "zsh", "fish", "powershell"};

// The script for one of these shells, generated from the options of the App; nothing for another
// shell.
std::optional<std::string> completion_script(const CLI::App& app, std::string_view shell);

}  // namespace tunnel::cmd
