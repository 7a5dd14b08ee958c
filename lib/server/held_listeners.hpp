// The listening sockets that a keeper binds and passes to its worker.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "os/net/local_socket.hpp"
#include "os/service/service_manager.hpp"
#include "server/handed_listeners.hpp"

namespace tunnel {

// Holds every socket as long as the configuration names its address, so that clients wait rather
// than fail while there is no worker. For one thread.
class HeldListeners {
 public:
  // The manager outlives it.
  explicit HeldListeners(const os::ServiceManager& manager) : manager_(manager) {}
  ~HeldListeners();
  HeldListeners(const HeldListeners&) = delete;
  HeldListeners& operator=(const HeldListeners&) = delete;

  // Binds the addresses that are new; then call commit() or roll_back(). One that needs the port of
  // an address that isn't in the configuration any more makes that one stop listening.
  std::vector<BindRefusal> prepare(const config::Config& config);
  // The sockets that prepare() has bound; they stay ours.
  std::vector<HandedAddress> added() const;
  // The addresses that the configuration lacks are closed.
  void commit();
  // The new ones are closed, and those that made way listen again.
  void roll_back();

  // All of them, listening. They stay ours.
  std::vector<HandedAddress> all() const;

  // Takes over the sockets of another keeper, before the first prepare(); those that it has no use
  // for are closed.
  void adopt(const std::vector<HandedAddress>& addresses);
  // Closes them without removing the files of UNIX sockets: another keeper has them now.
  void leave();

 private:
  struct Held {
    config::SocketAddress accept;
    bool everywhere = false;
    std::string service;
    std::vector<os::NativeSocket> sockets;
    os::SocketFile file = {};
    bool fresh = false;     // bound by the last prepare()
    bool gave_way = false;  // to one of those
    bool wanted = false;    // by its configuration
    std::string goes_to{};  // that service, once it is committed
  };

  // An address of the configuration.
  struct Wanted {
    std::string service;
    config::SocketAddress accept;
    bool everywhere;
  };
  static std::vector<Wanted> wanted_by(const config::Config& config);

  Held* find(const Wanted& wanted);
  std::optional<Held> take_adopted(const Wanted& wanted);
  Result<Held> bind(const Wanted& wanted, const std::set<std::uint16_t>& reserved,
                    bool& busy) const;
  bool make_way(std::uint16_t port);
  static void close(Held& held);
  static HandedAddress handed(const Held& held);

  const os::ServiceManager& manager_;
  std::vector<Held> held_;
  std::vector<HandedAddress> adopted_;
};

}  // namespace tunnel
