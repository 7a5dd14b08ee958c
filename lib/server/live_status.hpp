// Serves this server's status at [status] listen, across reloads.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "config/config.hpp"
#include "log/log.hpp"
#include "net/deadline.hpp"
#include "relay/worker.hpp"
#include "server/handed_listeners.hpp"
#include "server/service_set.hpp"
#include "status/snapshot.hpp"
#include "status/status_server.hpp"

namespace tunnel {

// Lives on the home worker's thread. The constructor's arguments outlive it.
class LiveStatus {
 public:
  using Time = std::chrono::sys_time<std::chrono::milliseconds>;

  LiveStatus(const std::vector<std::unique_ptr<Worker>>& workers, const ServiceSet& services,
             Log& log);

  // What commit() needs.
  struct Bound {
    std::optional<config::Status> wanted;
    std::unique_ptr<status::StatusServer> server;  // null: the current one stays, or there is none
  };
  // Takes the sockets that were handed for it, if there are some.
  Result<Bound> bind(const std::optional<config::Status>& wanted, HandedListeners& handed);
  void commit(Bound bound);
  // Stops serving.
  void close();

  void reloaded(bool good);
  void draining() { draining_ = true; }

 private:
  void collect(const status::SnapshotHandler& done) const;
  void take_sample();
  void stop_sampling();

  const std::vector<std::unique_ptr<Worker>>& workers_;
  const ServiceSet& services_;
  Log& log_;
  const Time started_;
  Time loaded_;
  bool last_reload_good_ = true;
  bool draining_ = false;
  std::optional<config::Status> current_;
  std::unique_ptr<status::StatusServer> server_;
  status::History history_;  // empty while the status is not served
  net::Deadline sample_timer_;
};

}  // namespace tunnel
