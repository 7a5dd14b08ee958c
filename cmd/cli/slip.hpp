// One mistake in a command line, and the line without it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "cmd/cli/command_mistakes.hpp"
#include "cmd/cli/command_reading.hpp"

namespace tunnel::cmd {

// What is wrong, and the command line without it or the next step.
struct Slip {
  std::string what;
  std::optional<CommandLine> meant = std::nullopt;
  std::string hint = {};
};

using Offset = Words::difference_type;

// The line with a word changed, words put in before one, or some left out.
CommandLine with_replaced(CommandLine line, std::size_t at, std::string word);
CommandLine with_inserted(CommandLine line, std::size_t at, const Words& words);
CommandLine with_removed(CommandLine line, std::size_t at, std::size_t count = 1);

std::string in_quotes(std::string_view word);
std::string help_hint(const Reading& reading);

}  // namespace tunnel::cmd
