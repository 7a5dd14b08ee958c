// Orders a service's targets for each connection; those that failed lately come last.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace tunnel {

// Shared by the workers of a service: each call may come from any thread. Memory is bounded by the
// number of targets in the configuration.
class LoadBalancer {
 public:
  using Clock = std::chrono::steady_clock;

  // A target that has failed is ejected for this long: it is tried last. Each further failure
  // doubles the time.
  static constexpr std::chrono::milliseconds first_ejection = std::chrono::seconds(5);
  static constexpr std::chrono::milliseconds longest_ejection = std::chrono::seconds(60);

  explicit LoadBalancer(const config::Service& settings);

  // Switches to these settings. Targets that are in both stay ejected.
  void renew(const config::Service& settings);

  // Every target of these settings once, in the order in which a connection tries them. A target
  // whose ejection is over becomes half-open: one connection tries it at its usual position, and
  // the result decides for the others.
  std::vector<config::SocketAddress> order(const config::Service& settings, Clock::time_point now);

  void on_failure(const config::SocketAddress& target, Clock::time_point now);
  void on_success(const config::SocketAddress& target);
  // Whether the last attempt at some target was no failure, or is long ago.
  bool reachable(Clock::time_point now);
  bool reachable(const config::SocketAddress& target, Clock::time_point now);
  // The network has changed, and may have caused the failures.
  void clear_ejections();

 private:
  struct Ejection {
    Clock::time_point until;
    std::chrono::milliseconds length{0};
    bool half_open = false;
  };

  bool failed_lately(const std::string& target, Clock::time_point now) const;
  void arrange(std::vector<config::SocketAddress>& targets, config::Balance balance);

  std::mutex mutex_;
  std::vector<std::string> known_;
  std::map<std::string, Ejection> ejected_;          // by the text of the target
  std::map<std::string, Clock::time_point> failed_;  // when the last attempt failed; likewise
  std::size_t next_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace tunnel
