// Checks connections at regular intervals, and after the machine has slept or its network changed.
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
  // All three outlive it.
  HealthMonitor(const std::vector<std::unique_ptr<Worker>>& workers, Log& log,
                ServiceSet& services);

  void start();

 private:
  using Clock = std::chrono::steady_clock;

  void tick();
  bool slept();
  void check_connections(const LivenessChecker::Change& change);

  const std::vector<std::unique_ptr<Worker>>& workers_;
  Log& log_;
  ServiceSet& services_;
  std::vector<std::shared_ptr<LivenessChecker>> checkers_;  // one for each worker
  os::NetworkChanges network_;
  net::Deadline timer_;
  std::chrono::milliseconds last_tick_{0};  // by the clock that runs during sleep
  int grace_left_ = 0;                      // ticks until a lost address counts; 0: none is lost
  bool route_changed_ = false;              // since the last sweep
  Clock::time_point last_sweep_;
};

}  // namespace tunnel
