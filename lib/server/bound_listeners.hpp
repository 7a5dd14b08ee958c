// The listening sockets of a configuration, before and after it takes effect.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "server/listener.hpp"
#include "server/runtime_config.hpp"

namespace tunnel {

// An address as the configuration has it, and its sockets.
struct BoundAddress {
  config::SocketAddress accept;
  bool everywhere = false;  // without a host, `accept` means every interface
  std::string service;
  std::vector<std::shared_ptr<Listener>> listeners;
};

// A configuration with every address bound, and what becomes of each socket when it takes effect.
struct BoundListeners {
  RuntimeConfig runtime;
  std::vector<BoundAddress> kept;   // existing sockets, under the service that they go to
  std::vector<BoundAddress> added;  // new sockets
  std::vector<std::shared_ptr<Listener>> closing;  // existing sockets without a service

  // Those of one service, kept ones first.
  std::vector<std::shared_ptr<Listener>> of(const std::string& service) const;
};

}  // namespace tunnel
