// Parsers for the values inside strings: "host:port", durations, ${VARIABLE}.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/host.hpp"
#include "config/config.hpp"

namespace tunnel::config {

// Looks up an environment variable; nothing if it is unset.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

// "host:port", "[::1]:port". The hint of an error is a valid string. Port 0 is an error unless
// `zero_allowed`.
Result<HostPort> host_port(std::string_view text, bool zero_allowed);

// "unix:path", with the path relative to `folder`, and "systemd:name"; nothing if it has neither
// prefix. The hint of an error is a valid string.
std::optional<Result<HostPort>> local_address(std::string_view text,
                                              const std::filesystem::path& folder);

// "500ms", "30s", "30m", "8h", "7d", or several together, such as "1h30m".
Result<std::chrono::milliseconds> duration(std::string_view text);

// Replaces each ${NAME}; "$${" stands for "${".
Result<std::string> expand_variables(std::string_view text, const Environment& environment);

}  // namespace tunnel::config
