// Connections to the far side that are open before their clients come: a worker's share of a
// service's `warm`.
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
  UpstreamPool(Worker& worker, Log& log, ServiceSnapshot terms, std::size_t count);
  ~UpstreamPool();

  // Begins to open connections. On any thread.
  void start();
  // Gives up those that wait, and opens others: all of them, or only those that were made from an
  // address that has gone. On any thread.
  void renew();
  void renew_stranded();
  // Closes them, and opens no more. On any thread; `closed` is called on the worker's.
  void close(std::function<void()> closed);

  // One that is ready, or null.
  std::unique_ptr<Upstream> take();

 private:
  using Clock = std::chrono::steady_clock;

  // What its coroutine and the pool share; the last of them frees it.
  struct Shared;
  struct Place;
  static net::Awaitable<void> keep(std::shared_ptr<Shared> shared);
  enum class End { taken, old, far_side, renewed };
  static net::Awaitable<End> watch(std::shared_ptr<Shared> shared, std::shared_ptr<Place> place);
  static void say_goodbye(Upstream& upstream);
  static bool holds(Shared& shared, Upstream& upstream);

  std::shared_ptr<Shared> shared_;
  std::size_t count_;
};

}  // namespace tunnel
