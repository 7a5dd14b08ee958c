// A service's targets: which one a connection tries first, and which have failed lately.
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

// Shared by the workers of a service: each call may come from any thread. What is remembered is
// bounded by the targets of the configuration.
class LoadBalancer {
 public:
  using Clock = std::chrono::steady_clock;

  // A target that has failed is tried last for that long, each time that it fails again for twice
  // as long.
  static constexpr std::chrono::milliseconds first_rest = std::chrono::seconds(5);
  static constexpr std::chrono::milliseconds longest_rest = std::chrono::seconds(60);

  explicit LoadBalancer(const config::Service& settings);

  // The service has these settings from now on; what failed and is still a target keeps its rest.
  void renew(const config::Service& settings);

  // Every target of these settings once, in the order in which a connection tries them. One whose
  // rest is over is tried in its place by one connection: the others wait for what that one finds.
  std::vector<config::HostPort> order(const config::Service& settings, Clock::time_point now);

  void failed(const config::HostPort& target, Clock::time_point now);
  void reached(const config::HostPort& target);
  // What failed may have been the fault of this machine's network, and that has changed.
  void forget();

 private:
  struct Rest {
    Clock::time_point until;
    std::chrono::milliseconds length{0};
    bool on_trial = false;
  };

  void arrange(std::vector<config::HostPort>& targets, config::Balance balance);

  std::mutex mutex_;
  std::vector<std::string> known_;
  std::map<std::string, Rest> resting_;  // by the target in words
  std::size_t turn_ = 0;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace tunnel
