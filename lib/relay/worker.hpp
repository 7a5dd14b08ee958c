// One thread of the server: its event loop, its buffers, and its connections.
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

// A connection never leaves its worker. Only the worker's thread uses the members, except for `io`
// and reading the traffic.
struct Worker {
  net::Buffers buffers;
  net::Resolver resolver;
  std::unordered_set<Connection*> connections;
  std::unordered_set<Connection*> relaying;  // of them, those between whose ends bytes flow
  Traffic traffic;
  // The last member: its coroutines use the others. One thread runs it. With several resolver
  // threads, a name server that hangs for one name doesn't block the others at once.
  asio::io_context io{asio::config_from_string("scheduler.concurrency_hint=1\nresolver.threads=4")};
};

}  // namespace tunnel
