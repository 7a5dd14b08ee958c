// Socket options that each system spells its own way.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace tunnel::os {

#ifdef _WIN32
using NativeSocket = std::uintptr_t;  // SOCKET
#else
using NativeSocket = int;
#endif

// Whether the system's error code of a socket is this one: only POSIX spells both alike.
bool is_error(int code, std::errc condition);

// Probes the peer after `idle` of silence, and gives it up after three probes without an answer, a
// sixth of `idle` (at least a second) apart. Zero turns probing off. False where the system
// refused.
bool set_keepalive(NativeSocket socket, std::chrono::milliseconds idle);

// Lets a listener bind while old connections of its port linger, but never beside another listener
// (on Windows the option of that name means the opposite).
bool set_listener_reuse(NativeSocket socket);

// Keeps the socket from the commands that this process starts.
void keep_from_commands(NativeSocket socket);

// How many bytes of what was written the peer's system has not taken yet; 0 where the system does
// not tell.
std::size_t unacknowledged(NativeSocket socket);

// Waits for something to read last until so many bytes are there, the stream has ended or its
// window is full; a read that does not wait takes what there is. False where the system cannot.
bool set_least_to_receive(NativeSocket socket, std::size_t bytes);

// The next close() sends a reset (RST) instead of a clean end.
bool set_reset_on_close(NativeSocket socket);

}  // namespace tunnel::os
