// Reports floods of unfinished handshakes, and which of them were evicted: at once, and then once a
// minute.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "log/throttle.hpp"
#include "relay/handshake_limiter.hpp"

namespace tunnel {

// For one thread.
class FloodReport {
 public:
  // Counts an eviction. Returns what to log if it is the first of a flood; `pending` is how many
  // handshakes are unfinished in all.
  std::optional<Error> add(const HandshakeLimiter::Evicted& evicted, std::size_t pending);
  // Call for each new handshake. Returns what to log if there are so many that it is a flood,
  // before one is evicted; they may hold so many `descriptors`.
  std::optional<Error> check(const HandshakeLimiter& limiter, std::size_t descriptors);
  struct Summary {
    std::uint64_t evicted = 0;
    Error text;
  };
  // Call it once a minute: what has been counted since, or that it is over. `pending` is how many
  // handshakes are unfinished.
  std::optional<Summary> collect(std::size_t pending);

 private:
  LogThrottle networks_{256, 0};
  std::uint64_t silent_ = 0;
  std::size_t unusual_ = 2048;  // so many that are unfinished are a flood
  bool is_on_ = false;
};

}  // namespace tunnel
