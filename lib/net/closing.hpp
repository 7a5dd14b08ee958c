// Closing a socket whose peer may still be sending, without taking away from it what it has not
// read.
#pragma once

#include <chrono>

#include "net/io.hpp"

namespace tunnel::net {

// A close with unread input is a reset, and a reset can overtake the last bytes. So: sends the end
// of the stream, then drops what comes until the peer has ended too. Once the peer's system has
// taken everything it has a moment to end, then it is reset; before that, for as long as its system
// goes on taking bytes, with at most `patience` (zero: no bound) without progress.
Awaitable<void> close_gently(Socket& socket, std::chrono::milliseconds patience);

}  // namespace tunnel::net
