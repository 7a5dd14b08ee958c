// The steady beat at which connections are checked, and at which it is noticed that the machine has
// slept or its network has changed.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "log/log.hpp"
#include "net/deadline.hpp"
#include "os/net/network_changes.hpp"
#include "relay/liveness_checker.hpp"
#include "relay/worker.hpp"
#include "server/service_set.hpp"

namespace tunnel {

// Lives on the home worker's thread.
class HealthMonitor {
 public:
  // All outlive it.
  HealthMonitor(const std::vector<std::unique_ptr<Worker>>& workers, Log& log,
                ServiceSet& services);

  void start();

 private:
  using Clock = std::chrono::steady_clock;

  void beat();
  bool slept();
  void check(const LivenessChecker::Change& change);

  const std::vector<std::unique_ptr<Worker>>& workers_;
  Log& log_;
  ServiceSet& services_;
  std::vector<std::shared_ptr<LivenessChecker>> checkers_;  // of each worker
  os::NetworkChanges network_;
  net::Deadline timer_;
  std::chrono::milliseconds last_beat_{0};  // by the clock that sleep does not stop
  int until_addresses_ = 0;                 // beats; 0: none has gone
  bool route_changed_ = false;              // and it is not dealt with yet
  Clock::time_point last_asked_;
};

}  // namespace tunnel
