// Socket options that each system spells its own way.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
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
// sixth of `idle` (at least a second) apart; both up to half sooner, and not the same for all,
// where the system leaves the choice. Zero turns probing off. False where the system refused.
bool set_keepalive(NativeSocket socket, std::chrono::milliseconds idle);

// Probes the peer within three seconds, and gives it up after five probes without an answer, two
// seconds apart; set_keepalive() ends that.
bool set_hasty_keepalive(NativeSocket socket);

// What the system knows of how a connection's peer answers.
struct PeerState {
  bool owes = false;      // it has not acknowledged all that it was sent, a probe maybe
  bool finished = false;  // it has said that it sends no more, be that read yet or not
  std::chrono::milliseconds heard{0};  // since it last acknowledged anything
  std::uint32_t resent = 0;            // segments, since the beginning
};
// Nothing where the system does not tell.
std::optional<PeerState> peer_state(NativeSocket socket);

// Lets a listener bind while old connections of its port linger, but never beside another listener
// (on Windows the option of that name means the opposite).
bool set_listener_reuse(NativeSocket socket);

// Keeps the socket from the commands that this process starts.
void keep_from_commands(NativeSocket socket);

// What was written and has not reached the peer yet.
struct SendQueue {
  bool empty = true;       // the peer's system has acknowledged all of it
  bool certain = true;     // false: the end of it may still be on its way, or not read
  std::size_t bytes = 0;   // unacknowledged; 0 where the system does not tell
  std::uint64_t mark = 0;  // a different value means that bytes have moved since
};
SendQueue send_queue(NativeSocket socket);

// Before send_queue() is watched until it is empty: nothing more will be written.
void expect_empty_queue(NativeSocket socket);

// Waits for something to read last until so many bytes are there, the stream has ended or its
// window is full; a read that does not wait takes what there is. False where the system cannot.
bool set_least_to_receive(NativeSocket socket, std::size_t bytes);

// For a socket within this machine, before it connects or listens: where the system would pace what
// it sends as for a network (BBR), it does not.
void send_unpaced(NativeSocket socket);

// Whether the next close() sends a reset (RST) instead of a clean end; the system closes it, too,
// when the program is killed.
bool set_reset_on_close(NativeSocket socket, bool reset);

}  // namespace tunnel::os
