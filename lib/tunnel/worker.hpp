// One thread's share of the server: its event loop, its buffers, the connections that live on it.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "net/buffers.hpp"
#include "net/io.hpp"

namespace tunnel {

class Connection;

// A connection is accepted onto a worker and never leaves it: all but `io` is touched by the
// worker's thread alone.
struct Worker {
  net::Buffers buffers;
  std::unordered_set<Connection*> connections;
  asio::io_context io{1};  // the last to come and the first to go: its coroutines use the others
};

}  // namespace tunnel
