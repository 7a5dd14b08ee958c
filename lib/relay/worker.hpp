// One thread's share of the server: its event loop, its buffers, the connections that live on it.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include <asio/config.hpp>

#include "net/buffers.hpp"
#include "net/io.hpp"
#include "net/resolver.hpp"
#include "relay/traffic_stats.hpp"

namespace tunnel {

class Connection;

// A connection is accepted onto a worker and never leaves it: all but `io` is touched by the
// worker's thread alone, and the traffic is for everybody to read.
struct Worker {
  net::Buffers buffers;
  net::Resolver resolver;
  std::unordered_set<Connection*> connections;
  Traffic traffic;
  // One thread runs it; a name server that hangs for one name does not hold up the others at once.
  asio::io_context io{asio::config_from_string(
      "scheduler.concurrency_hint=1\nresolver.threads=4")};  // the last to come and the first to
                                                             // go: its coroutines use the others
};

}  // namespace tunnel
