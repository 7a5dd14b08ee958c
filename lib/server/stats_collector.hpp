// Collects the counters and connections of all workers, on each worker's own thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "relay/service_counters.hpp"
#include "relay/worker.hpp"
#include "status/snapshot.hpp"

namespace tunnel {

struct StatsCollection {
  struct Sum {
    std::uint64_t opened = 0, failed = 0, open = 0, up = 0, down = 0;
    ServiceStats stats;
  };

  std::vector<Sum> services;  // in the order of the request
  std::vector<ConnectionStatus> connections;
  std::size_t not_shown = 0;  // connections beyond those
};

// More would only make the page and the table slow.
inline constexpr std::size_t most_connections = 1000;

// Call on the home worker's thread, which is the first; it calls `done` there. Each byte counts
// once, even if its connection ends meanwhile. At most `limit` connections are described.
void collect_stats(const std::vector<std::unique_ptr<Worker>>& workers,
                   std::vector<std::shared_ptr<const WorkerCounters>> services, std::size_t limit,
                   std::function<void(StatsCollection)> done);

}  // namespace tunnel
