// Datagrams by Winsock; no UNIX sockets.
#include "os/net/syslog_output.hpp"

#include <winsock2.h>

#include <fmt/format.h>

#include <array>
#include <system_error>

#include "os/net/syslog_server.hpp"

namespace tunnel::os {

void start_networking() {
  WSADATA ignored;
  WSAStartup(MAKEWORD(2, 2), &ignored);
}

int send_datagram(NativeSocket& socket, int family, const std::string& message, const void* address,
                  std::size_t size) {
  if (socket == no_socket) socket = ::socket(family, SOCK_DGRAM, 0);
  if (socket == no_socket) return WSAGetLastError();
  const int sent = sendto(socket, message.data(), static_cast<int>(message.size()), 0,
                          static_cast<const sockaddr*>(address), static_cast<int>(size));
  return sent >= 0 ? 0 : WSAGetLastError();
}

std::string send_error_text(int error) { return std::system_category().message(error); }
std::string resolve_error_text(int error) { return std::system_category().message(error); }

SyslogOrigin syslog_origin(std::size_t longest) {
  std::array<char, 256> name{};
  if (gethostname(name.data(), static_cast<int>(name.size()) - 1) != 0) name[0] = '\0';
  return {name.data(), fmt::format("{}", GetCurrentProcessId()), longest};
}

Result<std::unique_ptr<LogSink>> local_syslog(const std::string& path) {
  return Error{"cannot log to unix:" + path + ": there are no UNIX sockets for it on Windows",
               "name a syslog server, such as 192.0.2.1:514"};
}

std::unique_ptr<LogSink> journal() { return nullptr; }

bool is_stream_socket(const std::string&) { return false; }

}  // namespace tunnel::os
