// Binds the addresses of one configuration, beside those that listen already.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "net/io.hpp"
#include "os/service/service_manager.hpp"
#include "server/bound_listeners.hpp"
#include "server/handed_listeners.hpp"

namespace tunnel {

// Whether an address of a new configuration can keep the socket of one in use.
bool is_same_address(const config::SocketAddress& held, bool held_everywhere,
                     const std::string& held_for, const config::SocketAddress& wanted,
                     bool wanted_everywhere, const std::string& wanted_for);

// First keep() every address that can stay, then open() the others, then finish() or roll_back().
class ListenerBinder {
 public:
  // `existing` are the addresses that listen now. They and the manager outlive the binder.
  ListenerBinder(const net::Executor& executor, const os::ServiceManager& manager,
                 const std::vector<config::Service>& services, std::vector<BoundAddress*> existing,
                 HandedListeners handed = {});

  // Returns whether an existing address serves. It then goes to this service.
  bool keep(const config::Service& service, const config::SocketAddress& accept);
  // Binds a new address, or takes the sockets that were handed for it. Closes existing ones that no
  // service has kept if they hold its port, as when a host is added to it.
  std::optional<Error> open(const config::Service& service, const config::SocketAddress& accept);

  BoundListeners finish(RuntimeConfig runtime) &&;

  // Closes the new sockets. Returns the existing addresses that gave way to them.
  std::vector<BoundAddress*> roll_back();
  // Binds one of those again.
  Result<BoundAddress> open_again(const BoundAddress& address) const;

 private:
  Result<BoundAddress> bind(const config::SocketAddress& accept, bool everywhere,
                            const std::string& service, bool* busy = nullptr) const;
  Result<std::vector<std::shared_ptr<Listener>>> listen(const config::SocketAddress& accept,
                                                        bool everywhere, bool* busy) const;
  bool take_handed(const config::Service& service, const config::SocketAddress& accept);
  bool make_way(std::uint16_t port);

  const net::Executor executor_;
  const os::ServiceManager& manager_;
  std::set<std::uint16_t> ports_;  // that the configuration names
  HandedListeners handed_;
  std::vector<BoundAddress*> unclaimed_;
  std::vector<BoundAddress*> gave_way_;
  std::vector<BoundAddress> kept_;
  std::vector<BoundAddress> added_;
};

}  // namespace tunnel
