// One direction of a relay: how far it has come, and how each of its ends is closed.
#pragma once

#include <chrono>
#include <cstdint>

#include "net/io.hpp"
#include "relay/traffic_stats.hpp"

namespace tunnel {

struct Direction {
  ByteCounter& own;          // of this connection
  ByteCounter& all;          // of its worker
  bool ended = false;        // the source sends no more
  bool carried = false;      // and the sink got the end, after the last byte
  bool over = false;         // the pump has returned
  bool alerted = false;      // an alert tells the source why it is over
  bool lost = false;         // nothing more will come from the source
  bool stopped = false;      // the sink is gone: nothing more is read for it
  bool cut_short = false;    // the source ended uncleanly; the sink gets what came before
  std::uint64_t unsent = 0;  // bytes of the wire that a reset has thrown away

  // Bytes that were forwarded and have not arrived.
  std::uint64_t undelivered() const;
};

// In these, `into` is the direction that writes to the socket, and `out_of` the one that reads from
// it. Resets it now.
void reset_end(net::Socket& socket, Direction& into);
// Call once both directions are over: closes it as they ended. A peer that still has to read the
// last bytes or an alert gets at most `patience` without progress.
net::Awaitable<void> close_end(net::Socket& socket, Direction& into, const Direction& out_of,
                               std::chrono::milliseconds patience);

}  // namespace tunnel
