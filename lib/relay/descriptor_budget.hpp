// How many descriptors connections may take, so that none is accepted that could go no further.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace tunnel {

// Each connection takes two: the client's and the target's. What else needs descriptors (names
// that are resolved, addresses that are tried side by side, the log, the status) has a reserve.
class DescriptorBudget {
 public:
  // How many the process has open once everything that stays open is. Call before the first
  // connection.
  void set_open(std::size_t open) { open_ = open; }
  // How many it may have, which may change at any time. Without a call there is no limit.
  void limit_to(std::size_t limit) {
    const std::size_t kept = open_ + std::min<std::size_t>(16, limit / 8);
    connections_ = std::max<std::size_t>(limit > kept ? (limit - kept) / each : 0, 1);
  }
  // How many connections there may be.
  std::size_t connections() const { return connections_; }

  // The rest is for all threads.
  bool has_room() const { return taken_.load() < connections_.load(); }
  void take() { ++taken_; }
  void give_back() { --taken_; }

 private:
  static constexpr std::size_t each = 2;

  std::size_t open_ = 0;
  std::atomic<std::size_t> connections_ = 1'000'000;
  std::atomic<std::size_t> taken_ = 0;
};

}  // namespace tunnel
