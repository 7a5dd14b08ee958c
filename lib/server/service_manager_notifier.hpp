// What the service manager hears of a server: that it is ready, reloads, stops, and is alive.
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

// Lives on the home worker's thread. It says that all is well only while every worker's loop turns:
// a manager with a watchdog then ends a program of which one is stuck.
class ServiceManagerNotifier {
 public:
  // Manager and workers outlive it; `status` is asked for a line for people.
  ServiceManagerNotifier(const os::ServiceManager& manager,
                         const std::vector<std::unique_ptr<Worker>>& workers,
                         std::function<std::string()> status);

  void ready();
  void reloading() const;
  // For up to `patience`, where that is not zero.
  void stopping(std::chrono::milliseconds patience);

 private:
  void beat();
  void ask_workers();
  bool all_have_answered() const;

  const os::ServiceManager& manager_;
  const std::vector<std::unique_ptr<Worker>>& workers_;
  const std::function<std::string()> status_;
  const std::chrono::milliseconds period_;
  net::Deadline next_;
  std::vector<bool> answered_;  // since the last beat, by worker
  std::string last_;
};

}  // namespace tunnel
