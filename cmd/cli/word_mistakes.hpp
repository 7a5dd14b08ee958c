// Words that are swapped, joined, missing or too many.
#pragma once

#include <CLI/App.hpp>

#include <optional>

#include "cmd/cli/slip.hpp"

namespace tunnel::cmd {

// An address in several words, or as a URL.
std::optional<Slip> slip_in_addresses(const Reading& reading, const CommandLine& line);
// In the words of a command.
std::optional<Slip> slip_in_words(const Reading& reading, const CommandLine& line);
// Too few words or options, or too many.
std::optional<Slip> slip_of_number(const Reading& reading);

}  // namespace tunnel::cmd
