// A connection to a UNIX socket: at once, or when there is room in the backlog.
#pragma once

#include <chrono>
#include <string>

#include "base/error.hpp"
#include "net/happy_eyeballs.hpp"
#include "net/io.hpp"

namespace tunnel::net {

// Connects `socket` to the UNIX socket at `path` within `timeout` (zero: without a limit). Ends
// soon once `cancelled` is true. Both references outlive the call.
Awaitable<ConnectResult> connect_local(Socket& socket, std::string path,
                                       std::chrono::milliseconds timeout, const bool& cancelled);

// Why that failed, in words.
Error why_not_reached_locally(const std::string& path, const ConnectResult& result,
                              std::chrono::milliseconds timeout);

}  // namespace tunnel::net
