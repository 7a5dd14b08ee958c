// Closing a socket whose peer may still be sending, without taking away from it what it has not
// read.
#pragma once

#include <chrono>

#include "net/io.hpp"

namespace tunnel::net {

// A close with unread input is a reset, and a reset can overtake the last bytes. So: sends the end
// of the stream, then drops what comes until the peer has ended too. Once the peer's system has
// acknowledged everything it has a moment to end, then it is reset. Until then the wait lasts while
// its system acknowledges bytes, with at most `patience` (zero: no bound) without progress. Returns
// how many bytes were not delivered, as far as the system tells.
Awaitable<std::size_t> close_lingering(Socket& socket, std::chrono::milliseconds patience);

// For a stream that was cut short: resets the connection, but not before the peer's system has
// taken all that was written. Gives up after `patience` (zero: never) without progress, or when
// the peer has reset it. Returns likewise what was not delivered.
Awaitable<std::size_t> deliver_and_reset(Socket& socket, std::chrono::milliseconds patience);

// Resets the connection at once. Returns likewise what was not delivered.
std::size_t reset_now(Socket& socket);

}  // namespace tunnel::net
