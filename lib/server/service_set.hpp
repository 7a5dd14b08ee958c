// All services and listeners of a configuration, and the change from one configuration to the next.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "log/log.hpp"
#include "os/service/service_manager.hpp"
#include "relay/worker.hpp"
#include "server/listener.hpp"
#include "server/runtime_config.hpp"
#include "server/service.hpp"
#include "server/stats_collector.hpp"
#include "status/snapshot.hpp"

namespace tunnel {

// Lives on the home worker's thread.
class ServiceSet {
 public:
  // Workers, log and manager outlive it. `idle` is called each time when the last connection of a
  // service has ended.
  ServiceSet(const std::vector<std::unique_ptr<Worker>>& workers, Log& log,
             const os::ServiceManager& manager, std::function<void()> idle);

  // An address as it was written, and its listening sockets.
  struct Place {
    config::HostPort accept;
    bool everywhere;      // where no host is written
    std::string service;  // whose it is
    std::vector<std::shared_ptr<Listener>> listeners;
    bool stays = true;           // in the setup that is being bound, and then
    std::string next = service;  // whose it will be
  };
  // What commit() needs: a setup whose every address is bound.
  struct Bound {
    RuntimeConfig setup;
    std::vector<Place> added;
    std::vector<std::vector<std::shared_ptr<Listener>>> listeners;  // of each service
  };
  struct Refusal {
    std::string service;
    Error error;
  };
  // Binds the addresses that are new; the others' sockets stay as they are. Either all listen, or
  // nothing changes and each refusal says why.
  std::variant<Bound, std::vector<Refusal>> bind(RuntimeConfig setup);
  // From now on these services accept: new ones, those that there are under their new terms. Those
  // that are gone take no more, and live on for their connections.
  void commit(Bound bound);

  // The machine has slept, or its way out has changed.
  void on_network_change();
  // One of its addresses has gone for good.
  void on_address_gone();
  // A line of the log for each service.
  void log_status() const;
  // All of them, those that are leaving too, and their connections. A name is there once.
  void look(const std::function<void(std::vector<status::Service>, StatsCollection)>& done) const;

  // Takes no more connections.
  void close();

  std::size_t active() const;
  bool idle() const;
  // Every service has closed at its time.
  bool over() const;
  std::size_t size() const { return services_.size(); }

 private:
  Place* find(const config::Service& service, const config::HostPort& accept);
  Result<Place> open(const config::Service& service, const config::HostPort& accept,
                     std::vector<Place*>& closed);
  Result<Place> open(const config::HostPort& accept, bool everywhere, const std::string& service,
                     bool* busy = nullptr);
  void open_again(const std::vector<Place*>& closed);
  // That service has closed at its time, and does not open again for these settings.
  bool stays_closed(const config::Service& settings) const;
  void forget_closed();
  void forget_idle();

  const std::vector<std::unique_ptr<Worker>>& workers_;
  Log& log_;
  const os::ServiceManager& manager_;
  const std::function<void()> idle_;
  std::vector<Place> places_;
  std::vector<std::shared_ptr<Service>> services_;
  std::set<std::uint16_t> ports_;  // that some service names
  std::vector<std::shared_ptr<Service>>
      leaving_;  // gone from the configuration, still with clients
};

}  // namespace tunnel
