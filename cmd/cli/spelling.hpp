// Commands and options as people misspell them, or know them from other programs.
#pragma once

#include <CLI/App.hpp>

#include <string>
#include <string_view>

namespace tunnel::cmd {

// The name of the option of `app` that "-config", "--conf", "--Config" or "—cafile" stands for,
// with its dashes; empty if there is none.
std::string option_meant(const CLI::App& app, std::string_view word);

// The subcommand of `app` that "clinet" or "genkey" stands for; empty if there is none.
std::string command_meant(const CLI::App& app, std::string_view word);

// Whether it begins with "-", or with a dash that a web page or a word processor made of two.
bool is_option_like(std::string_view word);

}  // namespace tunnel::cmd
