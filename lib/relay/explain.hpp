// Telling a waiting client, in its own protocol, why the tunnel could not open.
#pragma once

#include "base/error.hpp"
#include "config/config.hpp"
#include "net/io.hpp"

namespace tunnel {

// Not for Explain::off. The client has been told and has ended the connection when this returns;
// one that does not speak the protocol, or takes too long over it, has been reset. Nothing has been
// read from the socket or written to it before. All outlive the call.
net::Awaitable<void> explain(net::Socket& socket, config::Explain protocol, const Error& why,
                             const config::Timeouts& timeouts);

}  // namespace tunnel
