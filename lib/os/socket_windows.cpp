// Socket options by Winsock.
#include <winsock2.h>
#include <ws2tcpip.h>

#include <mstcpip.h>

#include <algorithm>

#include "os/socket.hpp"

namespace tunnel::os {

bool is_error(int code, std::errc condition) {
  switch (condition) {
    case std::errc::address_not_available:
      return code == WSAEADDRNOTAVAIL;
    case std::errc::too_many_files_open_in_system:
      return code == WSAEMFILE;
    default:
      return std::error_code(code, std::system_category()) == condition;
  }
}

namespace {

bool set_probes(NativeSocket socket, tcp_keepalive settings) {
  DWORD returned = 0;
  return WSAIoctl(socket, SIO_KEEPALIVE_VALS, &settings, sizeof settings, nullptr, 0, &returned,
                  nullptr, nullptr) == 0;
}

}  // namespace

bool set_keepalive(NativeSocket socket, std::chrono::milliseconds idle) {
  tcp_keepalive settings{};
  settings.onoff = idle.count() != 0 ? 1 : 0;
  settings.keepalivetime =
      static_cast<ULONG>(std::clamp<std::int64_t>(idle.count(), 1000, 86'400'000));
  settings.keepaliveinterval = std::max<ULONG>(settings.keepalivetime / 6, 1000);
  return set_probes(socket, settings);
}

// The system has ten probes.
bool set_hasty_keepalive(NativeSocket socket) { return set_probes(socket, {1, 1000, 1000}); }

std::optional<PeerState> peer_state(NativeSocket) { return std::nullopt; }

bool set_listener_reuse(NativeSocket socket) {
  const BOOL on = TRUE;
  return setsockopt(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, reinterpret_cast<const char*>(&on),
                    sizeof on) == 0;
}

void keep_from_commands(NativeSocket socket) {
  SetHandleInformation(reinterpret_cast<HANDLE>(socket), HANDLE_FLAG_INHERIT, 0);
}

std::size_t unacknowledged(NativeSocket) { return 0; }

bool set_least_to_receive(NativeSocket, std::size_t) { return false; }

void send_unpaced(NativeSocket) {}

bool set_reset_on_close(NativeSocket socket, bool reset) {
  const linger how{static_cast<u_short>(reset ? 1 : 0), 0};
  return setsockopt(socket, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&how),
                    sizeof how) == 0;
}

}  // namespace tunnel::os
