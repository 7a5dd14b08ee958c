// A syslog server over UDP, with sockets of any system.
#include "os/net/syslog_server.hpp"

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <netdb.h>
#include <sys/socket.h>
#endif

#include <fmt/format.h>

#include <chrono>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include "log/syslog_sink.hpp"
#include "os/net/syslog_output.hpp"

namespace tunnel::os {

namespace {

struct Address {
  sockaddr_storage bytes{};
  std::size_t size = 0;
};

// Zero, or the resolver's error: then `out` stays as it was.
int resolve(const std::string& host, std::uint16_t port, std::vector<Address>& out) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), fmt::format("{}", port).c_str(), &hints, &found);
  if (error != 0) return error;
  out.clear();
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    if (one->ai_addrlen > sizeof(sockaddr_storage)) continue;
    Address address;
    std::memcpy(&address.bytes, one->ai_addr, one->ai_addrlen);
    address.size = static_cast<std::size_t>(one->ai_addrlen);
    out.push_back(address);
  }
  freeaddrinfo(found);
  return 0;
}

class RemoteServer : public SyslogSink::Channel {
 public:
  RemoteServer(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}
  ~RemoteServer() override {
    for (const NativeSocket one : {ipv4_, ipv6_})
      if (one != no_socket) close_socket(one);
  }

  // Zero, or the resolver's error: then the previous addresses stay.
  int look_up() {
    looked_up_ = std::chrono::steady_clock::now();
    return resolve(host_, port_, addresses_);
  }

  // Sends it to the first address that has a route.
  std::string send(const std::string& message) override {
    if (std::chrono::steady_clock::now() - looked_up_ > valid) renew();
    std::string why = "the name has no address";
    for (const Address& to : addresses_) {
      const int family = to.bytes.ss_family;
      const int error =
          send_datagram(family == AF_INET6 ? ipv6_ : ipv4_, family, message, &to.bytes, to.size);
      if (error == 0) return {};
      why = send_error_text(error);
    }
    return fmt::format("{}:{}: {}", host_, port_, why);
  }
  void renew() override { look_up(); }

 private:
  static constexpr std::chrono::minutes valid{5};

  const std::string host_;
  const std::uint16_t port_;
  std::vector<Address> addresses_;
  std::chrono::steady_clock::time_point looked_up_;
  NativeSocket ipv4_ = no_socket;
  NativeSocket ipv6_ = no_socket;
};

}  // namespace

Result<std::unique_ptr<LogSink>> remote_syslog(const std::string& host, std::uint16_t port) {
  start_networking();
  auto server = std::make_unique<RemoteServer>(host, port);
  if (const int error = server->look_up(); error != 0)
    return Error{fmt::format("cannot log to {}:{}: the name cannot be resolved: {}", host, port,
                             resolve_error_text(error)),
                 "check it, or give the server's address"};
  constexpr std::size_t longest = 2048;  // RFC 5424: what every receiver should take
  return std::unique_ptr<LogSink>(std::make_unique<SyslogSink>(
      SyslogSink::Form::rfc5424, syslog_origin(longest), std::move(server)));
}

}  // namespace tunnel::os
