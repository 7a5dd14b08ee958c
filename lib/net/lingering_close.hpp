// Closes a socket whose peer may still be sending, without losing what the peer has not read.
#pragma once

#include <chrono>

#include "net/io.hpp"

namespace tunnel::net {

// A close with unread input is a reset, and a reset can overtake the last bytes. So this sends the
// end of the stream, then discards input until the peer has ended too. It waits while the peer's
// system acknowledges bytes, for at most `patience` (zero: no bound) without progress. Once all is
// acknowledged, the peer has a moment to end before it is reset. Returns how many bytes were not
// delivered, as far as the system tells.
Awaitable<std::size_t> close_lingering(Socket& socket, std::chrono::milliseconds patience);

// For a stream that was cut short: resets the connection once the peer's system has acknowledged
// all that was written. Gives up after `patience` (zero: never) without progress, or when the peer
// has reset it. Returns the same.
Awaitable<std::size_t> deliver_and_reset(Socket& socket, std::chrono::milliseconds patience);

// Resets the connection at once. Returns the same.
std::size_t reset_now(Socket& socket);

}  // namespace tunnel::net
