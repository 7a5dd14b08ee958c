// Socket options by Winsock.
#include <winsock2.h>
#include <ws2tcpip.h>

#include <mstcpip.h>

#include <algorithm>

#include "os/net/socket.hpp"

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
  // ten probes, together half of the idle time
  settings.keepaliveinterval = std::max<ULONG>(settings.keepalivetime / 20, 1000);
  return set_probes(socket, settings);
}

// Windows sends ten probes.
bool probe(NativeSocket socket, std::chrono::milliseconds) {
  return set_probes(socket, {1, 1000, 2000});
}

std::optional<PeerState> peer_state(NativeSocket) { return std::nullopt; }

bool set_listener_reuse(NativeSocket socket) {
  const BOOL on = TRUE;
  return setsockopt(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, reinterpret_cast<const char*>(&on),
                    sizeof on) == 0;
}

void keep_from_commands(NativeSocket socket) {
  SetHandleInformation(reinterpret_cast<HANDLE>(socket), HANDLE_FLAG_INHERIT, 0);
}

namespace {

// The first fields of TCP_INFO_v0, which older headers lack.
struct TcpInfo {
  ULONG state, mss;
  ULONG64 connection_time_ms;
  BOOLEAN timestamps;
  ULONG rtt_us, min_rtt_us, bytes_in_flight, congestion_window, send_window, receive_window,
      receive_buffer;
  ULONG64 bytes_out, bytes_in;
  ULONG reordered, retransmitted, fast_retransmits, duplicate_acks, timeouts;
  UCHAR syn_retransmits;
};

std::optional<TcpInfo> tcp_info(NativeSocket socket) {
  constexpr DWORD code = 0xd8000027;  // SIO_TCP_INFO
  DWORD version = 0, returned = 0;
  TcpInfo info{};
  if (WSAIoctl(socket, code, &version, sizeof version, &info, sizeof info, &returned, nullptr,
               nullptr) != 0 ||
      returned < sizeof info)
    return std::nullopt;
  return info;
}

bool is_writable(NativeSocket socket) {
  WSAPOLLFD entry{static_cast<SOCKET>(socket), POLLWRNORM, 0};
  return WSAPoll(&entry, 1, 0) != 0;
}

}  // namespace

// Windows does not tell the size of the queue, but a socket is not writable while the queue exceeds
// the small buffer that expect_empty_queue() sets.
SendQueue send_queue(NativeSocket socket) {
  const auto info = tcp_info(socket);
  if (!is_writable(socket)) return {false, false, 0, info ? info->bytes_out : 0};
  if (!info) return {true, false, 0, 0};
  // A reset makes Windows drop what the reader has not read yet, which is missing from the window
  // that the reader's system offers.
  constexpr ULONG whole_window = 65'535;
  return {info->bytes_in_flight == 0 && info->send_window >= whole_window, false,
          info->bytes_in_flight, info->bytes_out + info->send_window};
}

void expect_empty_queue(NativeSocket socket) {
  const int small = 1;
  setsockopt(socket, SOL_SOCKET, SO_SNDBUF, reinterpret_cast<const char*>(&small), sizeof small);
}

bool set_least_to_receive(NativeSocket, std::size_t) { return false; }

void send_unpaced(NativeSocket) {}

bool set_reset_on_close(NativeSocket socket, bool reset) {
  const linger how{static_cast<u_short>(reset ? 1 : 0), 0};
  return setsockopt(socket, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&how),
                    sizeof how) == 0;
}

void stop_listening(NativeSocket) {}
bool is_listening(NativeSocket) { return true; }
bool listen_again(NativeSocket) { return false; }
void close_socket(NativeSocket socket) { closesocket(socket); }

}  // namespace tunnel::os
