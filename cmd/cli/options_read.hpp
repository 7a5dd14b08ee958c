// Reads the options of the command line back from CLI11, for --help and --completion.
#pragma once

#include <CLI/App.hpp>

#include <string>
#include <vector>

namespace tunnel::cmd {

using Words = std::vector<std::string>;

// The App itself, with an empty name, or one of its subcommands.
struct Level {
  std::string name;
  const CLI::App* app;
};
std::vector<Level> levels_of(const CLI::App& app);

std::vector<const CLI::App*> subcommands_of(const CLI::App& app);
std::vector<const CLI::Option*> positionals_of(const CLI::App& app);
// The options that are not positional, including --help.
std::vector<const CLI::Option*> options_of(const CLI::App& app);

Words command_names(const CLI::App& app);
// The names of all options, or of those with a value.
Words option_names(const CLI::App& app, bool with_value_only = false);
bool any_positional(const CLI::App& app, bool (*what)(const CLI::Option&));

// "-h", "--help".
Words names_of(const CLI::Option& option);
bool takes_value(const CLI::Option& option);
bool may_be_repeated(const CLI::Option& option);
// The placeholder of its value: "FILE", "[NAME=]HOST:PORT", "bash|zsh".
std::string placeholder_of(const CLI::Option& option);
// What the placeholder says about the value: a file, a command, or one of these words.
bool takes_file(const CLI::Option& option);
bool takes_command(const CLI::Option& option);
Words choices_of(const CLI::Option& option);

}  // namespace tunnel::cmd
