// What the connections of one service have done, worker by worker.
#pragma once

#include <vector>

#include "relay/traffic_stats.hpp"

namespace tunnel {

// Written by its worker alone, on a cache line of its own.
struct alignas(64) ServiceCounters {
  ByteCounter opened;  // reached the target
  ByteCounter failed;  // ended before that
  TrafficStats bytes;  // of those connections that are gone
};

using WorkerCounters = std::vector<ServiceCounters>;

}  // namespace tunnel
