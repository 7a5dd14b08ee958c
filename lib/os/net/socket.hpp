// Socket options that differ between systems.
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

// Whether a socket's error code means this condition; on Windows the values differ from std::errc.
bool is_error(int code, std::errc condition);

// Probes the peer after `idle` of silence, then every sixth of `idle` (at least a second) until it
// answers; both up to half sooner, at random, if the system allows that. If peer_state() is not
// supported, the system drops the peer after half of `idle` without an answer. Zero turns probing
// off. Returns false on error.
bool set_keepalive(NativeSocket socket, std::chrono::milliseconds idle);

// Probes a peer at once that has been silent for `silent`, at least a second. Changes the
// intervals; set_keepalive() restores them. If peer_state() is not supported, the system keeps
// probing and drops the peer after 20 to 30 seconds without an answer.
bool probe(NativeSocket socket, std::chrono::milliseconds silent);

// The system's view of whether the peer of a connection answers.
struct PeerState {
  bool owes = false;                   // it has not acknowledged all data
  bool finished = false;               // its FIN has arrived, read or not
  bool closed = false;                 // closed in both directions, as after a reset
  std::chrono::milliseconds heard{0};  // since the last packet from it
  std::uint32_t unanswered = 0;        // probes, data and its retransmissions since then
};
// Nothing if the system does not support it.
std::optional<PeerState> peer_state(NativeSocket socket);

// Lets a listener bind while old connections of its port are in TIME_WAIT, but never beside another
// listener. (On Windows, SO_REUSEADDR does the opposite.)
bool set_listener_reuse(NativeSocket socket);

// Keeps child processes from inheriting the socket.
void keep_from_commands(NativeSocket socket);

// Data that was written and has not been acknowledged.
struct SendQueue {
  bool empty = true;       // the peer's system has acknowledged all data
  bool certain = true;     // false: the last bytes may be in flight, or not read
  std::size_t bytes = 0;   // unacknowledged; 0 if unknown
  std::uint64_t mark = 0;  // changes when bytes move
};
SendQueue send_queue(NativeSocket socket);

// Call it before waiting for send_queue() to be empty, after the last write.
void expect_empty_queue(NativeSocket socket);

// Makes waits for readability last until `bytes` are there, the stream has ended or the window is
// full. A non-blocking read still takes what there is. False if the system does not support it.
bool set_least_to_receive(NativeSocket socket, std::size_t bytes);

// Turns off pacing (BBR), for a socket within this machine. Call it before connect or listen.
void send_unpaced(NativeSocket socket);

// Whether close() sends a reset (RST) instead of FIN, even if the program is killed.
bool set_reset_on_close(NativeSocket socket, bool reset);

// Stops a listening socket in every process that shares it; it stays bound. listen_again() undoes
// that. Windows shares none.
void stop_listening(NativeSocket socket);
bool is_listening(NativeSocket socket);
bool listen_again(NativeSocket socket);

void close_socket(NativeSocket socket);

}  // namespace tunnel::os
