// Runs the handshake, and resets the connection at the deadline.
#include "relay/handshake.hpp"

#include <algorithm>

#include "net/deadline.hpp"
#include "tls/protocol_mismatch.hpp"

namespace tunnel {

namespace {

// It may have sent something that is not TLS, and not all that is needed to know what.
HandshakeEnd overdue_handshake(const net::TlsStream& stream, const config::Service& service) {
  const auto cause = stream.cause() == tls::FailureCause::not_tls ? tls::FailureCause::not_tls
                                                                  : tls::FailureCause::timeout;
  return {stream.overdue(service.timeouts.handshake), cause, {}};
}

}  // namespace

net::Awaitable<bool> wait_for_client(net::Socket& socket, Worker& worker,
                                     const config::Service& service) {
  bool timed_out = false;
  net::Deadline deadline(worker.io.get_executor());
  deadline.start(service.timeouts.handshake, [&socket, &timed_out] {
    timed_out = true;
    net::reset(socket);
  });
  co_await socket.async_wait(net::Socket::wait_read, net::as_result);
  co_return !timed_out;
}

net::Awaitable<HandshakeEnd> run_handshake(net::TlsStream& stream, Worker& worker,
                                           const config::Service& service,
                                           std::chrono::milliseconds waited) {
  using std::chrono::milliseconds;
  const auto limit = service.timeouts.handshake;
  bool timed_out = false;
  net::Deadline deadline(worker.io.get_executor());
  // zero is never
  const auto left = limit.count() == 0 ? limit : std::max(limit - waited, milliseconds(1));
  deadline.start(left, [&stream, &timed_out] {
    timed_out = true;
    net::reset(stream.socket());
  });
  const auto begun = std::chrono::steady_clock::now();
  auto done = co_await stream.handshake(worker.buffers);
  if (timed_out) co_return overdue_handshake(stream, service);
  co_return HandshakeEnd{std::move(done), stream.cause(), std::chrono::steady_clock::now() - begun};
}

HandshakeEnd silent_client(const std::string& host, const tls::Context& context,
                           const config::Service& service) {
  tls::Failure failure;
  failure.peer = host;
  failure.wording = context.rules().wording.get();
  return {
      tls::explain_overdue(failure, service.timeouts.handshake), tls::FailureCause::timeout, {}};
}

}  // namespace tunnel
