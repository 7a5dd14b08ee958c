// Checks whether the peers of one worker's connections are still there.
#pragma once

#include <chrono>
#include <cstddef>

#include "net/deadline.hpp"
#include "net/peer_liveness.hpp"
#include "relay/worker.hpp"

namespace tunnel {

// Lives on its worker's thread, except for the constructor. Probes are spread over time: a queue of
// the system or the network would drop thousands at once, or their answers.
class LivenessChecker {
 public:
  // The worker outlives it. `probes` is the limit per second.
  LivenessChecker(Worker& worker, std::size_t probes);

  // What has happened since the last call.
  struct Change {
    bool ask_everyone = false;  // after a sleep, or a change of the default route
    bool address_gone = false;  // for good: connections from it are given up
  };
  // Call every few seconds. While a peer owes an answer, it schedules further checks in between.
  void check(const Change& change);

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void find_witnesses(Clock::time_point now);

  Worker& worker_;
  const std::size_t probes_;  // each second
  net::ProbeStats stats_;
  net::Deadline timer_;
  Clock::time_point last_run_;
  double budget_ = 0;
  std::size_t asked_ = 0;  // at the last run
  std::size_t remote_ = 0;
  Clock::time_point last_witnesses_;
  bool sweep_begins_ = false;  // not all peers whose route has changed are probed yet
};

}  // namespace tunnel
