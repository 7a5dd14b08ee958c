// What is wrong in a command line, and the whole command that was meant.
#pragma once

#include <CLI/App.hpp>

#include <optional>
#include <string>

#include "base/error.hpp"
#include "cmd/cli/options_read.hpp"

namespace tunnel::cmd {

// The words after the program's name. Those behind "--" are the command of `tunnel run`.
struct CommandLine {
  Words own;
  Words command;
  bool has_dashes = false;
};

// As a shell reads it, beginning with "tunnel".
std::string text_of(const CommandLine& line);

// "help", "version" and "/?" as the options that they stand for.
CommandLine with_usual_words(const CLI::App& app, CommandLine line);

// The first mistake; its hint is the command that was meant, or how to find it. Values are checked
// only as far as they show that words are swapped, joined or missing.
std::optional<Error> mistake_in(const CLI::App& app, const CommandLine& line);

}  // namespace tunnel::cmd
