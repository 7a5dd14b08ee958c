// A look at the connections of all workers, on each worker's own thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "status/snapshot.hpp"
#include "relay/service_counters.hpp"
#include "relay/worker.hpp"

namespace tunnel {

struct Census {
  struct Sum {
    std::uint64_t opened = 0, failed = 0, open = 0, up = 0, down = 0;
  };

  std::vector<Sum> services;  // in the order asked for
  std::vector<ConnectionStatus> connections;
  std::size_t not_shown = 0;
};

// On the home worker's thread, which is the first's; `done` is called there. A byte counts once,
// whether or not its connection ends meanwhile.
void take_census(const std::vector<std::unique_ptr<Worker>>& workers,
                 std::vector<std::shared_ptr<const Tallies>> services,
                 std::function<void(Census)> done);

}  // namespace tunnel
