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

// Probes the peer after `idle` of silence, and again a sixth of `idle` (at least a second) later
// for as long as it does not answer; both up to half sooner, and not the same for all, where the
// system leaves the choice. Where peer_state() tells nothing the system itself gives the peer up,
// after half of `idle` without an answer. Zero turns probing off. False where the system refused.
bool set_keepalive(NativeSocket socket, std::chrono::milliseconds idle);

// Probes the peer at once, which has been silent for `silent`: at least a second. It leaves other
// intervals behind; set_keepalive() sets the usual ones again. Where peer_state() tells nothing the
// system keeps probing, and gives the peer up after 20 to 30 seconds without an answer.
bool probe(NativeSocket socket, std::chrono::milliseconds silent);

// What the system knows of how a connection's peer answers.
struct PeerState {
  bool owes = false;      // it has not acknowledged all the data that it was sent
  bool finished = false;  // it has said that it sends no more, be that read yet or not
  bool closed = false;    // the connection is over in both directions, as after a reset
  std::chrono::milliseconds heard{0};  // since anything came from it
  std::uint32_t unanswered = 0;        // probes, data and its retransmissions since then
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
