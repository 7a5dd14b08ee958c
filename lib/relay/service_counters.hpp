// Counters of one service's connections, per worker.
#pragma once

#include <vector>

#include "relay/service_stats.hpp"
#include "relay/traffic_stats.hpp"

namespace tunnel {

// Only its worker uses it. It fills whole cache lines, so that workers don't slow each other down.
struct alignas(64) ServiceCounters {
  ByteCounter opened;  // reached the target
  ByteCounter failed;  // ended before that
  TrafficStats bytes;  // of connections that have ended
  ServiceStats stats;
};

using WorkerCounters = std::vector<ServiceCounters>;

}  // namespace tunnel
