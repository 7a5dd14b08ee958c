// Addresses as people write them on a command line, in several words, swapped or as a URL.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tunnel::cmd {

bool is_port(std::string_view word);
bool is_host_and_port(std::string_view word);
// A name or an address, without a port.
bool is_bare_host(std::string_view word);

// "relay.example:443" for "https://relay.example/page"; nothing for what is no URL, or one whose
// port is unknown.
std::optional<std::string> target_of_url(std::string_view word);

// ACCEPT and CONNECT for "5999:relay.example:41234", as ssh -L has them.
std::optional<std::pair<std::string, std::string>> forwarding(std::string_view word);

// By its name, or with `any_file` if it is a file.
bool is_configuration(std::string_view word, bool any_file = false);
// "vnc.toml" for "vnc", if there is that file.
std::optional<std::string> configuration_named(std::string_view word);

}  // namespace tunnel::cmd
