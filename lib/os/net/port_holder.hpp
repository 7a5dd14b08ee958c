// Who listens on a TCP port of this machine, for the message about a busy port.
#pragma once

#include <cstdint>
#include <string>

namespace tunnel::os {

// "stunnel4 (process 1234)"; "another user's process" where the system keeps the name to itself;
// empty where nothing is known.
std::string port_holder(std::uint16_t port);

}  // namespace tunnel::os
