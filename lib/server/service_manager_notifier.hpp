// Tells the service manager that the server is ready, reloads, stops, and is alive.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/deadline.hpp"
#include "os/service/service_manager.hpp"
#include "relay/worker.hpp"

namespace tunnel {

// Lives on the home worker's thread. It feeds the manager's watchdog only while every worker's loop
// runs, so that the manager restarts a program with a stuck worker.
class ServiceManagerNotifier {
 public:
  // Manager and workers outlive it; `status` returns a line for people.
  ServiceManagerNotifier(const os::ServiceManager& manager,
                         const std::vector<std::unique_ptr<Worker>>& workers,
                         std::function<std::string()> status);

  void ready();
  void reloading() const;
  // Takes up to `limit`; zero: no limit.
  void stopping(std::chrono::milliseconds limit);

 private:
  void tick();
  void ping_workers();
  bool all_answered() const;

  const os::ServiceManager& manager_;
  const std::vector<std::unique_ptr<Worker>>& workers_;
  const std::function<std::string()> status_;
  const std::chrono::milliseconds period_;
  net::Deadline timer_;
  std::vector<bool> answered_;  // the last ping, by worker
  std::string last_status_;
};

}  // namespace tunnel
