// Parsers for the values inside strings: durations, ${VARIABLE}.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tunnel::config {

// Looks up an environment variable; nothing if it is unset.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

// "500ms", "30s", "30m", "8h", "7d", or several together, such as "1h30m".
Result<std::chrono::milliseconds> duration(std::string_view text);

// Replaces each ${NAME}; "$${" stands for "${".
Result<std::string> expand_variables(std::string_view text, const Environment& environment);

}  // namespace tunnel::config
