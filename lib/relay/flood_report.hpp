// Reports evicted handshakes: at once, and then once a minute.
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
  struct Summary {
    std::uint64_t evicted = 0;  // 0: it is over
    Error text;
  };
  // Call it once a minute: what has been counted since, or that it is over.
  std::optional<Summary> collect();

 private:
  LogThrottle networks_{256, 0};
  std::uint64_t silent_ = 0;
  bool is_on_ = false;
};

}  // namespace tunnel
