// Socket options by POSIX, with the one name that macOS spells differently.
#include "os/socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

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

}  // namespace

bool is_error(int code, std::errc condition) { return code == static_cast<int>(condition); }

bool set_keepalive(NativeSocket socket, std::chrono::milliseconds idle) {
  if (idle.count() == 0) return set(socket, SOL_SOCKET, SO_KEEPALIVE, 0);
  const int seconds = static_cast<int>(std::clamp<std::int64_t>(idle.count() / 1000, 1, 32767));
  return set(socket, SOL_SOCKET, SO_KEEPALIVE, 1) &&
         set(socket, IPPROTO_TCP, keepalive_idle, seconds) &&
         set(socket, IPPROTO_TCP, TCP_KEEPINTVL, std::max(seconds / 6, 1)) &&
         set(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

bool set_listener_reuse(NativeSocket socket) { return set(socket, SOL_SOCKET, SO_REUSEADDR, 1); }

void keep_from_commands(NativeSocket socket) { fcntl(socket, F_SETFD, FD_CLOEXEC); }

std::size_t unacknowledged(NativeSocket socket) {
  int bytes = 0;
#ifdef __APPLE__
  socklen_t size = sizeof bytes;
  if (getsockopt(socket, SOL_SOCKET, SO_NWRITE, &bytes, &size) != 0) return 0;
#else
  if (ioctl(socket, TIOCOUTQ, &bytes) != 0) return 0;
#endif
  return static_cast<std::size_t>(bytes);
}

bool set_least_to_receive([[maybe_unused]] NativeSocket socket,
                          [[maybe_unused]] std::size_t bytes) {
#ifdef __linux__
  return set(socket, SOL_SOCKET, SO_RCVLOWAT, static_cast<int>(bytes));
#else
  return false;
#endif
}

bool set_reset_on_close(NativeSocket socket) {
  const linger now{1, 0};
  return setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now) == 0;
}

}  // namespace tunnel::os
