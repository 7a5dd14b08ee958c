// Parsers for the values inside strings: durations, ${VARIABLE}, and guesses at other words.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "config/environment.hpp"
#include "config/mistake.hpp"

namespace tunnel::config {

// "500ms", "30s", "30m", "8h", "7d", or several together, such as "1h30m". The hint of an error is
// a valid duration.
Result<std::chrono::milliseconds> duration(std::string_view text);

// Replaces each ${NAME}; "$${" stands for "${".
Result<std::string> expand_variables(std::string_view text, const Environment& environment);

// What "yes", "off", "1" and the like mean.
std::optional<bool> truth_of(std::string_view text);

// The choice that was probably meant; the first if nothing is close.
std::string closest_choice(std::string_view text, const std::vector<std::string_view>& choices);

// The line for a choice; where it turns verification off, it says so.
Suggestion choice_line(std::string_view key, std::string_view choice);

}  // namespace tunnel::config
