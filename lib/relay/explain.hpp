// Tells a waiting client, in its own protocol, why the tunnel could not open.
#pragma once

#include "base/error.hpp"
#include "config/config.hpp"
#include "net/io.hpp"

namespace tunnel {

// Not for Explain::off. Returns when the client has the explanation and has ended the connection,
// or has been reset since it doesn't speak the protocol or took too long. Call it before anything
// is written to the socket; of what was read from it, `request` is the beginning. All outlive the
// call.
net::Awaitable<void> explain(net::Socket& socket, config::Explain protocol, const Error& why,
                             const config::Timeouts& timeouts, const std::string& request = {});

}  // namespace tunnel
