// The deadline of a handshake.
#include "tunnel/handshake.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "net/deadline.hpp"

namespace tunnel {

net::Awaitable<Result<std::monostate>> shake_hands(net::TlsStream& stream, Worker& worker,
                                                   const config::Service& service,
                                                   const std::string& peer) {
  const auto limit = service.timeouts.handshake;
  bool timed_out = false;
  net::Deadline deadline(worker.io.get_executor());
  deadline.start(limit, [&stream, &timed_out] {
    timed_out = true;
    net::reset(stream.socket());
  });
  auto done = co_await stream.handshake(worker.buffers);
  if (!timed_out) co_return done;
  co_return Error{
      fmt::format("{} did not finish the TLS handshake within {}", peer, duration_text(limit)),
      service.client ? "is it a TLS port, and the way to it free?"
                     : "it may not speak TLS, or wait for this end to speak first"};
}

}  // namespace tunnel
