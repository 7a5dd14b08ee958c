// Socket options of Linux and macOS.
#include "os/net/socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace tunnel::os {

namespace {

#ifdef __APPLE__
constexpr int keepalive_idle = TCP_KEEPALIVE;
#else
constexpr int keepalive_idle = TCP_KEEPIDLE;
#endif

bool set(int socket, int level, int name, int value) {
  return setsockopt(socket, level, name, &value, sizeof value) == 0;
}

bool set_probes(int socket, int idle, int interval, int count) {
#ifdef __APPLE__
  // for unacknowledged data only, not for a reader whose window is full
  set(socket, IPPROTO_TCP, TCP_RXT_CONNDROPTIME, idle + interval * count);
#endif
  return set(socket, SOL_SOCKET, SO_KEEPALIVE, 1) &&
         set(socket, IPPROTO_TCP, keepalive_idle, idle) &&
         set(socket, IPPROTO_TCP, TCP_KEEPINTVL, interval) &&
         set(socket, IPPROTO_TCP, TCP_KEEPCNT, count);
}

// Between half of `at_most` and all of it, by the number of the socket. If thousands of sockets
// that fell silent together were probed together, queues would drop most probes or answers, three
// times in a row.
int jittered(int socket, int at_most) {
  constexpr int prime = 7919;
  return at_most - socket % prime * prime % (at_most / 2 + 1);
}

}  // namespace

bool is_error(int code, std::errc condition) { return code == static_cast<int>(condition); }

#ifdef __linux__

bool set_keepalive(NativeSocket socket, std::chrono::milliseconds idle) {
  if (idle.count() == 0) return set(socket, SOL_SOCKET, SO_KEEPALIVE, 0);
  const int seconds = static_cast<int>(std::clamp<std::int64_t>(idle.count() / 1000, 1, 32767));
  const int interval = std::max(seconds / 6, 1);
  // The maximum, so that the system never drops the peer because of lost probes: that is for the
  // caller of peer_state() to decide.
  constexpr int most = 127;
  return set_probes(socket, jittered(socket, seconds), jittered(socket / 2, interval), most);
}

// Linux probes at once when the idle time is set to one that is over.
bool probe(NativeSocket socket, std::chrono::milliseconds silent) {
  const auto seconds = std::clamp<std::int64_t>(silent.count() / 1000, 1, 32767);
  return set(socket, IPPROTO_TCP, keepalive_idle, static_cast<int>(seconds));
}

// Not TCP_USER_TIMEOUT: it also drops a peer that answers but does not read.
std::optional<PeerState> peer_state(NativeSocket socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  PeerState out;
  out.owes = info.tcpi_unacked > 0;
  // TCP_CLOSE: received data may still be unread
  out.closed = info.tcpi_state == TCP_CLOSE;
  out.finished = info.tcpi_state == TCP_CLOSE_WAIT || info.tcpi_state == TCP_LAST_ACK ||
                 info.tcpi_state == TCP_CLOSING || out.closed;
  // data alone does not update tcpi_last_ack_recv
  out.heard =
      std::chrono::milliseconds(std::min(info.tcpi_last_ack_recv, info.tcpi_last_data_recv));
  out.unanswered = std::uint32_t{info.tcpi_probes} + info.tcpi_retransmits + (out.owes ? 1 : 0);
  return out;
}

#else

bool set_keepalive(NativeSocket socket, std::chrono::milliseconds idle) {
  if (idle.count() == 0) return set(socket, SOL_SOCKET, SO_KEEPALIVE, 0);
  const int seconds = static_cast<int>(std::clamp<std::int64_t>(idle.count() / 1000, 1, 32767));
  // many short intervals rather than three long ones, since single probes get lost
  constexpr int count = 10;
  return set_probes(socket, jittered(socket, seconds), std::max(seconds / (2 * count), 1), count);
}

bool probe(NativeSocket socket, std::chrono::milliseconds) { return set_probes(socket, 1, 2, 12); }

std::optional<PeerState> peer_state(NativeSocket) { return std::nullopt; }

#endif

bool set_listener_reuse(NativeSocket socket) { return set(socket, SOL_SOCKET, SO_REUSEADDR, 1); }

void keep_from_commands(NativeSocket socket) { fcntl(socket, F_SETFD, FD_CLOEXEC); }

SendQueue send_queue(NativeSocket socket) {
  int bytes = 0;
#ifdef __APPLE__
  socklen_t size = sizeof bytes;
  if (getsockopt(socket, SOL_SOCKET, SO_NWRITE, &bytes, &size) != 0) return {};
#else
  if (ioctl(socket, TIOCOUTQ, &bytes) != 0) return {};
#endif
  const auto left = static_cast<std::size_t>(bytes);
  return {left == 0, true, left, left};
}

void expect_empty_queue(NativeSocket) {}

bool set_least_to_receive([[maybe_unused]] NativeSocket socket,
                          [[maybe_unused]] std::size_t bytes) {
#ifdef __linux__
  return set(socket, SOL_SOCKET, SO_RCVLOWAT, static_cast<int>(bytes));
#else
  return false;
#endif
}

void send_unpaced([[maybe_unused]] NativeSocket socket) {
#ifdef __linux__
  // Each pause of BBR costs a timer interrupt, for nothing on loopback. Reno, since unprivileged
  // programs may always choose it; other algorithms don't pace.
  constexpr std::string_view pacing = "bbr", instead = "reno";
  std::array<char, 16> name{};  // TCP_CA_NAME_MAX of Linux
  socklen_t size = name.size();
  if (getsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) == 0 &&
      std::string_view(name.data(), pacing.size()) == pacing)
    setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, instead.data(), instead.size());
#endif
}

bool set_reset_on_close(NativeSocket socket, bool reset) {
  const linger how{reset ? 1 : 0, 0};
  return setsockopt(socket, SOL_SOCKET, SO_LINGER, &how, sizeof how) == 0;
}

// On Linux a listening socket stops at this (tcp_disconnect), and stays bound.
void stop_listening(NativeSocket socket) { shutdown(socket, SHUT_RDWR); }

bool is_listening(NativeSocket socket) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value == 1;
}

bool listen_again(NativeSocket socket) { return listen(socket, SOMAXCONN) == 0; }

void close_socket(NativeSocket socket) { close(socket); }

}  // namespace tunnel::os
