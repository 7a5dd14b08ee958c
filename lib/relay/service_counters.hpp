// What the connections of one service have done, worker by worker.
#pragma once

#include <vector>

#include "relay/traffic_stats.hpp"

namespace tunnel {

// Written by its worker alone, on a cache line of its own.
struct alignas(64) Tally {
  Count opened;  // reached the target
  Count failed;  // ended before that
  Flow bytes;    // of those connections that are gone
};

using Tallies = std::vector<Tally>;

}  // namespace tunnel
