// Connections to the upstream that are opened before their clients come, for one worker of a
// service.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>

#include "log/log.hpp"
#include "relay/service_snapshot.hpp"
#include "relay/upstream.hpp"

namespace tunnel {

// Lives on its worker's thread.
class UpstreamPool {
 public:
  // Worker and log outlive it; its coroutines end with the worker's loop.
  UpstreamPool(Worker& worker, Log& log, ServiceSnapshot snapshot,
               std::shared_ptr<ServiceStats> stats, std::size_t count);
  ~UpstreamPool();

  // Begins to open connections. On any thread.
  void start();
  // Replaces the waiting connections: all of them, or only those from a local address that has
  // gone. On any thread.
  void renew();
  void renew_stranded();
  // Closes them and opens no more. On any thread; `closed` is called on the worker's.
  void close(std::function<void()> closed);

  // One that is ready, or null.
  std::unique_ptr<Upstream> acquire();

 private:
  using Clock = std::chrono::steady_clock;

  // Shared by the pool and its coroutines; the last of them frees it.
  struct State;
  struct Waiting;
  enum class Removal { acquired, expired, closed_by_peer, renewed };

  static net::Awaitable<void> maintain(std::shared_ptr<State> state);
  static net::Awaitable<Removal> wait_for_removal(std::shared_ptr<State> state,
                                                  std::shared_ptr<Waiting> waiting);
  static void close_cleanly(Upstream& upstream);
  static bool is_open(State& state, Upstream& upstream);

  std::shared_ptr<State> state_;
  std::size_t count_;
};

}  // namespace tunnel
