// What the platforms implement for a syslog server over UDP.
#pragma once

#include <cstddef>
#include <string>

#include "log/syslog_message.hpp"
#include "os/net/socket.hpp"

namespace tunnel::os {

inline constexpr NativeSocket no_socket = static_cast<NativeSocket>(-1);

// Opens a datagram socket of that family if `socket` is no_socket, and sends. Returns the system's
// error, or 0.
int send_datagram(NativeSocket& socket, int family, const std::string& message, const void* address,
                  std::size_t size);
std::string send_error_text(int error);
std::string resolve_error_text(int error);

// This host and process.
SyslogOrigin syslog_origin(std::size_t longest);

// Call it before the first lookup or socket.
void start_networking();

}  // namespace tunnel::os
