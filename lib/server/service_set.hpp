// All services and listeners of a configuration, and the change from one configuration to the next.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "log/log.hpp"
#include "os/service/service_manager.hpp"
#include "relay/worker.hpp"
#include "server/bound_listeners.hpp"
#include "server/listener_binder.hpp"
#include "server/runtime_config.hpp"
#include "server/service.hpp"
#include "server/stats_collector.hpp"
#include "status/snapshot.hpp"

namespace tunnel {

// Lives on the home worker's thread.
class ServiceSet {
 public:
  // All outlive it. `on_idle` is called each time that a service becomes idle.
  ServiceSet(const std::vector<std::unique_ptr<Worker>>& workers, Log& log,
             const os::ServiceManager& manager, DescriptorBudget& descriptors,
             std::function<void()> on_idle);

  // Binds the addresses that are new; the others keep their sockets. Either every address listens,
  // or nothing changes and each refusal gives its reason. In between, an address that must give its
  // port to a new one doesn't listen.
  std::variant<BoundListeners, std::vector<BindRefusal>> bind(RuntimeConfig runtime,
                                                              HandedListeners handed = {});
  // Puts the configuration into effect: new services start, and those that stay apply their new
  // settings. Removed ones accept no more, and live on until their connections have ended.
  void commit(BoundListeners bound);

  // Their settings, unless they accept no more.
  std::vector<std::shared_ptr<const config::Service>> settings() const;
  // Gives new connections of a service what its renewed files make; false if it accepts no more.
  bool renew(const std::string& service, Credentials credentials);

  // The machine has slept, or its default route has changed.
  void on_network_change();
  // The machine has lost an address, and not got it back in time.
  void on_address_gone();
  // Logs a line for each service.
  void log_status() const;
  // Collects the status of all services, including removed ones, and their connections. Services of
  // one name are one row. At most `limit` connections are described.
  void collect(
      std::size_t limit,
      const std::function<void(std::vector<status::ServiceStatus>, StatsCollection)>& done) const;

  // Accepts no more connections.
  void close();
  // From here on, close() leaves the sockets to another process that has them too.
  void leave_listeners();

  std::size_t active() const;
  // Since the start.
  std::uint64_t accepted() const;
  bool idle() const;
  // Every service has closed at its set time.
  bool expired() const;
  std::size_t size() const { return services_.size(); }

 private:
  std::vector<BoundAddress*> listening();
  void open_again(ListenerBinder& binder);
  std::shared_ptr<Service> find(const std::string& name) const;
  std::shared_ptr<Service> create(ServiceSnapshot snapshot);
  // The service has closed at its set time, and these settings don't open it again.
  bool stays_closed(const config::Service& settings) const;
  void remove_idle();

  const std::vector<std::unique_ptr<Worker>>& workers_;
  Log& log_;
  const os::ServiceManager& manager_;
  DescriptorBudget& descriptors_;
  const std::function<void()> on_idle_;
  std::vector<BoundAddress> addresses_;
  std::vector<std::shared_ptr<Service>> services_;
  std::vector<std::shared_ptr<Service>> removed_;  // until their connections have ended
};

}  // namespace tunnel
