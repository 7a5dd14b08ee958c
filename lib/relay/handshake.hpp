// A TLS handshake under a deadline.
#pragma once

#include <chrono>

#include "config/config.hpp"
#include "net/tls_stream.hpp"
#include "relay/worker.hpp"

namespace tunnel {

// Returns once there is something to read, or the end of the stream. False where the handshake's
// time is over first, and the socket is reset. Both outlive the call.
net::Awaitable<bool> wait_for_client(net::Socket& socket, Worker& worker,
                                     const config::Service& service);

struct HandshakeEnd {
  Result<std::monostate> result;
  tls::FailureCause cause{};  // of a failure
  std::chrono::steady_clock::duration took{0};
};

// After a failure the socket is still open where the peer may have to read an alert. `waited` is
// the part of its time that is over. All outlive the call.
net::Awaitable<HandshakeEnd> run_handshake(net::TlsStream& stream, Worker& worker,
                                           const config::Service& service,
                                           std::chrono::milliseconds waited = {});
// For a client at `host` that sent nothing in time, and so has no stream.
HandshakeEnd silent_client(const std::string& host, const tls::Context& context,
                           const config::Service& service);

}  // namespace tunnel
