// Listening sockets that another process has bound for this one.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "net/io.hpp"
#include "os/net/socket.hpp"

namespace tunnel {

// Takes the place of a service's name for the address of [status].
inline constexpr const char* status_name = "[status]";

// The sockets of one address of a service.
struct HandedAddress {
  std::string service;
  std::string accept;       // as SocketAddress::text() has it
  bool everywhere = false;  // without a host, it means every interface
  std::vector<os::NativeSocket> sockets;
};

// An address that can't be listened at.
struct BindRefusal {
  std::string service;
  Error error;
};

// Closes those that aren't taken.
class HandedListeners {
 public:
  HandedListeners() = default;
  // Takes the sockets over.
  HandedListeners(const net::Executor& executor, const std::vector<HandedAddress>& addresses);

  // Empty if there are none for the address.
  std::vector<net::Acceptor> take(const std::string& service, const config::SocketAddress& accept);

 private:
  std::map<std::pair<std::string, std::string>, std::vector<net::Acceptor>> acceptors_;
};

}  // namespace tunnel
