// Runs the handshake, and resets the connection at the deadline.
#include "relay/handshake.hpp"

#include "net/deadline.hpp"

namespace tunnel {

net::Awaitable<Result<std::monostate>> run_handshake(net::TlsStream& stream, Worker& worker,
                                                     const config::Service& service) {
  const auto limit = service.timeouts.handshake;
  bool timed_out = false;
  net::Deadline deadline(worker.io.get_executor());
  deadline.start(limit, [&stream, &timed_out] {
    timed_out = true;
    net::reset(stream.socket());
  });
  auto done = co_await stream.handshake(worker.buffers);
  if (!timed_out) co_return done;
  co_return stream.overdue(limit);
}

}  // namespace tunnel
