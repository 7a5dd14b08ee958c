// The status of this server for whoever asks at [status] listen, through reloads.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "config/config.hpp"
#include "log/log.hpp"
#include "relay/worker.hpp"
#include "server/service_set.hpp"
#include "status/snapshot.hpp"
#include "status/status_server.hpp"

namespace tunnel {

// Lives on the home worker's thread. All that it is made with outlives it.
class LiveStatus {
 public:
  using Time = std::chrono::sys_time<std::chrono::milliseconds>;

  LiveStatus(const std::vector<std::unique_ptr<Worker>>& workers, const ServiceSet& services,
             Log& log);

  // What commit() needs: a server that listens where it is to.
  struct Bound {
    std::optional<config::StatusListen> listen;
    std::unique_ptr<status::StatusServer>
        server;  // null where the one that there is stays, or none is
  };
  Result<Bound> bind(const std::optional<config::StatusListen>& wanted);
  void commit(Bound bound);
  // Serves nobody any more.
  void close();

  void reloaded(bool good);
  void draining() { draining_ = true; }

 private:
  void look(const status::SnapshotHandler& answer) const;

  const std::vector<std::unique_ptr<Worker>>& workers_;
  const ServiceSet& services_;
  Log& log_;
  const Time started_;
  Time loaded_;
  bool last_reload_good_ = true;
  bool draining_ = false;
  std::optional<config::StatusListen> listen_;
  std::unique_ptr<status::StatusServer> server_;
};

}  // namespace tunnel
