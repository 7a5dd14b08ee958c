// Addresses as people paste them: URLs, blanks, wildcards, IPv6 without brackets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tunnel::config {

// The valid "host:port" most like `text`, to listen on or to connect to. It keeps the host and the
// port that are there.
std::string address_meant(std::string_view text, bool listening);

// The port that a scheme or a protocol has by custom: 80 for "http".
std::optional<std::uint16_t> port_of_scheme(std::string_view name);

// The host alone, without brackets.
std::string host_meant(std::string_view text);

// An address or a range of addresses.
std::string range_meant(std::string_view text);

}  // namespace tunnel::config
