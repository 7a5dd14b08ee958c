// A TLS handshake under a deadline.
#pragma once

#include "config/config.hpp"
#include "net/tls_stream.hpp"
#include "relay/worker.hpp"

namespace tunnel {

// After a failure the socket is still open where the peer may have to read an alert. All outlive
// the call.
net::Awaitable<Result<std::monostate>> run_handshake(net::TlsStream& stream, Worker& worker,
                                                     const config::Service& service);

}  // namespace tunnel
