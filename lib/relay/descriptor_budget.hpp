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
  static constexpr std::size_t each = 2;

  // How many the process has open once everything that stays open is. Call before the first
  // connection.
  void set_open(std::size_t open) { open_ = open; }
  // How many it may have, which may change at any time. Without a call there is no limit.
  void limit_to(std::size_t limit) {
    const std::size_t kept = open_ + std::min<std::size_t>(16, limit / 8);
    all_ = std::max(limit > kept ? limit - kept : 0, each);
  }
  // How many connections there may be.
  std::size_t connections() const { return all_ / each; }
  // How many descriptors unfinished TLS handshakes of all services may hold, so that connections
  // find the rest.
  std::size_t for_handshakes() const {
    return std::min<std::size_t>(all_ - std::max(all_ / 16, std::min(all_ / 2, each)),
                                 most_handshakes);
  }

  // The rest is for all threads.
  bool has_room() const { return taken_.load() + each <= all_.load(); }
  bool is_overdrawn() const { return taken_.load() > all_.load(); }
  void take(std::size_t descriptors) { taken_ += descriptors; }
  void give_back(std::size_t descriptors) { taken_ -= descriptors; }
  // Of those that are taken: what unfinished handshakes hold.
  void count_handshakes(std::ptrdiff_t change) { handshakes_ += change; }
  std::size_t held_by_handshakes() const {
    return static_cast<std::size_t>(std::max<std::ptrdiff_t>(handshakes_, 0));
  }

 private:
  static constexpr std::size_t most_handshakes = 32'768;  // for the sake of memory

  std::size_t open_ = 0;
  std::atomic<std::size_t> all_ = 2'000'000;
  std::atomic<std::size_t> taken_ = 0;
  std::atomic<std::ptrdiff_t> handshakes_ = 0;
};

}  // namespace tunnel
