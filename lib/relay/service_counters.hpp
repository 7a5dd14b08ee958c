// Counters of one service's connections, per worker.
#pragma once

#include <vector>

#include "relay/service_stats.hpp"
#include "relay/traffic_stats.hpp"

namespace tunnel {

// Used by its worker alone, on a cache line of its own.
struct alignas(64) ServiceCounters {
  ByteCounter opened;  // reached the target
  ByteCounter failed;  // ended before that
  TrafficStats bytes;  // of connections that have ended
  ServiceStats stats;
};

using WorkerCounters = std::vector<ServiceCounters>;

}  // namespace tunnel
