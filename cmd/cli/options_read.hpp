// The command line's options, read back from CLI11: for the help and for the shells.
#pragma once

#include <CLI/App.hpp>

#include <string>
#include <vector>

namespace tunnel::cmd {

using Words = std::vector<std::string>;

// The App itself, under an empty name, and each of its commands.
struct Level {
  std::string name;
  const CLI::App* app;
};
std::vector<Level> levels_of(const CLI::App& app);

std::vector<const CLI::App*> subcommands_of(const CLI::App& app);
std::vector<const CLI::Option*> positionals_of(const CLI::App& app);
// The others: --help, too.
std::vector<const CLI::Option*> options_of(const CLI::App& app);

Words command_names(const CLI::App& app);
// Of all options, or of those with a value.
Words option_names(const CLI::App& app, bool with_value_only = false);
bool any_positional(const CLI::App& app, bool (*what)(const CLI::Option&));

// "-h", "--help".
Words names_of(const CLI::Option& option);
bool takes_value(const CLI::Option& option);
bool may_be_repeated(const CLI::Option& option);
// What stands for its value: "FILE", "[NAME=]HOST:PORT", "bash|zsh".
std::string placeholder_of(const CLI::Option& option);
// Whether that says that it is a file; and the words, where it says that it is one of them.
bool takes_file(const CLI::Option& option);
bool takes_command(const CLI::Option& option);
Words choices_of(const CLI::Option& option);

}  // namespace tunnel::cmd
