// Closes a socket as its two directions ended.
#include "relay/direction.hpp"

#include <algorithm>

#include "net/lingering_close.hpp"

namespace tunnel {

std::uint64_t Direction::undelivered() const { return std::min(unsent, own.value()); }

void reset_end(net::Socket& socket, Direction& into) { into.unsent += net::reset_now(socket); }

net::Awaitable<void> close_end(net::Socket& socket, Direction& into, const Direction& out_of,
                               std::chrono::milliseconds patience) {
  if (!socket.is_open()) co_return;
  if (into.cut_short) {
    into.unsent += co_await net::deliver_and_reset(socket, patience);
  } else if (!into.carried && !out_of.alerted) {
    reset_end(socket, into);
  } else if (!out_of.ended) {
    // an alert or the last bytes are still on their way, perhaps to a slow reader: a server that
    // answers 413 in the middle of an upload is the everyday case
    into.unsent += co_await net::close_lingering(socket, patience);
  } else {
    net::reset_on_close(socket, false);
    net::ErrorCode ignored;
    socket.close(ignored);
  }
}

}  // namespace tunnel
