// The small languages inside strings: "host:port", durations, ${VARIABLE}.
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
#include "config/config.hpp"

namespace tunnel::config {

// Looks a variable of the environment up; nothing where it is unset.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

// "host:port", "[::1]:port". The hint of an error is a string that would be right. Port 0 is an
// error unless `zero_allowed`.
Result<HostPort> host_port(std::string_view text, bool zero_allowed);

// "unix:path", with the path relative to `folder`, and "systemd:name"; nothing where it begins with
// neither. The hint of an error is a string that would be right.
std::optional<Result<HostPort>> local_address(std::string_view text,
                                              const std::filesystem::path& folder);

// "500ms", "30s", "30m", "8h", "7d", or several together as in "1h30m". "0s" is zero.
Result<std::chrono::milliseconds> duration(std::string_view text);

// Replaces each ${NAME}; "$${" stands for "${".
Result<std::string> expand_variables(std::string_view text, const Environment& environment);

// The 4 or 16 bytes of an IPv4 or IPv6 address, in network order; nothing for whatever else. The
// zone of "fe80::1%eth0" is not part of the address.
std::optional<std::vector<std::uint8_t>> address_bytes(std::string_view host);

// Whether the host is an IPv4 or IPv6 address rather than a name.
bool is_ipv4(std::string_view host);
bool is_ipv6(std::string_view host);
inline bool is_address(std::string_view host) { return is_ipv4(host) || is_ipv6(host); }

}  // namespace tunnel::config
