// Syslog over UDP by Winsock; no UNIX sockets.
#include "os/net/syslog_output.hpp"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include "log/syslog_sink.hpp"

namespace tunnel::os {

namespace {

std::string words_of(int error) { return std::system_category().message(error); }

struct Address {
  sockaddr_storage bytes{};
  int size = 0;
};

// Zero, or the resolver's error.
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
    address.size = static_cast<int>(one->ai_addrlen);
    out.push_back(address);
  }
  freeaddrinfo(found);
  return 0;
}

class RemoteServer : public SyslogSink::Channel {
 public:
  RemoteServer(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {
    WSADATA ignored;
    WSAStartup(MAKEWORD(2, 2), &ignored);
  }
  ~RemoteServer() override {
    for (const SOCKET one : {ipv4_, ipv6_})
      if (one != INVALID_SOCKET) closesocket(one);
    WSACleanup();
  }

  // The resolver's error; keeps the addresses then.
  int look_up() {
    looked_up_ = std::chrono::steady_clock::now();
    return resolve(host_, port_, addresses_);
  }

  // Sends it to the first address that has a route.
  std::string send(const std::string& message) override {
    if (std::chrono::steady_clock::now() - looked_up_ > valid) renew();
    int error = WSAEDESTADDRREQ;
    for (const Address& to : addresses_) {
      error = send_to(to, message);
      if (error == 0) return {};
    }
    return fmt::format("{}:{}: {}", host_, port_, words_of(error));
  }
  void renew() override { look_up(); }

 private:
  int send_to(const Address& to, const std::string& message) {
    SOCKET& one = to.bytes.ss_family == AF_INET6 ? ipv6_ : ipv4_;
    if (one == INVALID_SOCKET) one = socket(to.bytes.ss_family, SOCK_DGRAM, 0);
    if (one == INVALID_SOCKET) return WSAGetLastError();
    const int sent = sendto(one, message.data(), static_cast<int>(message.size()), 0,
                            reinterpret_cast<const sockaddr*>(&to.bytes), to.size);
    return sent >= 0 ? 0 : WSAGetLastError();
  }

  static constexpr std::chrono::minutes valid{5};

  const std::string host_;
  const std::uint16_t port_;
  std::vector<Address> addresses_;
  std::chrono::steady_clock::time_point looked_up_;
  SOCKET ipv4_ = INVALID_SOCKET;
  SOCKET ipv6_ = INVALID_SOCKET;
};

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), static_cast<int>(name.size()) - 1) == 0 ? name.data() : "";
}

}  // namespace

Result<std::unique_ptr<LogSink>> local_syslog(const std::string& path) {
  return Error{"cannot log to unix:" + path + ": there are no UNIX sockets for it on Windows",
               "name a syslog server, such as 192.0.2.1:514"};
}

Result<std::unique_ptr<LogSink>> remote_syslog(const std::string& host, std::uint16_t port) {
  auto server = std::make_unique<RemoteServer>(host, port);
  if (const int error = server->look_up(); error != 0)
    return Error{fmt::format("cannot log to {}:{}: the name cannot be resolved: {}", host, port,
                             words_of(error)),
                 "check it, or give the server's address"};
  constexpr std::size_t longest = 2048;  // RFC 5424: what every receiver should take
  return std::unique_ptr<LogSink>(std::make_unique<SyslogSink>(
      SyslogSink::Form::rfc5424,
      SyslogOrigin{host_name(), fmt::format("{}", GetCurrentProcessId()), longest},
      std::move(server)));
}

std::unique_ptr<LogSink> journal() { return nullptr; }

bool is_stream_socket(const std::string&) { return false; }

}  // namespace tunnel::os
