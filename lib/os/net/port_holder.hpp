// The program that listens on a TCP port, for the message about a busy port.
#pragma once

#include <cstdint>
#include <string>

namespace tunnel::os {

// "stunnel4 (process 1234)"; "another user's process" if the system hides it; empty if
// unknown.
std::string port_holder(std::uint16_t port);

}  // namespace tunnel::os
