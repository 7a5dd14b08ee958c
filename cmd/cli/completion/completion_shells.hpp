// Each shell's own way to say which words may follow which.
#pragma once

#include <CLI/App.hpp>

#include <string>
#include <string_view>

namespace tunnel::cmd {

std::string completion_for_bash(const CLI::App& app);
std::string completion_for_zsh(const CLI::App& app);
std::string completion_for_fish(const CLI::App& app);
std::string completion_for_powershell(const CLI::App& app);

// For their quotes.
inline std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

}  // namespace tunnel::cmd
