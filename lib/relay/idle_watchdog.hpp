// Cuts a relay over which nothing has moved for too long.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "config/config.hpp"
#include "net/deadline.hpp"
#include "net/io.hpp"
#include "relay/relay_control.hpp"

namespace tunnel {

// One timer for each connection, set again only when it goes off. Silence may last for the idle
// timeout, but before the first byte from either side only for the timeout of an unused connection,
// and once the connection is about to end, for the close timeout; zero is for ever.
class IdleWatchdog {
 public:
  // All outlive it.
  IdleWatchdog(RelayControl& relay, net::Socket& front, net::Socket& back,
               const config::Timeouts& timeouts)
      : relay_(relay),
        front_(front),
        back_(back),
        timeouts_(timeouts),
        timer_(front.get_executor()) {}

  void start();
  void stop() { timer_.stop(); }

  // Bytes have moved.
  void touch() { last_activity_ = Clock::now(); }
  // How long nothing has moved.
  std::chrono::steady_clock::duration silence() const { return Clock::now() - last_activity_; }
  // The connection is about to end.
  void use_close_timeout();
  bool uses_close_timeout() const { return phase_ == Phase::closing; }

 private:
  using Clock = std::chrono::steady_clock;

  enum class Phase { unused, in_use, closing };

  std::chrono::milliseconds limit() const;
  std::string reason() const;
  void check();
  bool queues_moved();

  RelayControl& relay_;
  net::Socket& front_;
  net::Socket& back_;
  const config::Timeouts& timeouts_;
  net::Deadline timer_;
  Phase phase_ = Phase::unused;
  Clock::time_point started_;
  Clock::time_point last_activity_;
  std::uint64_t queued_ = 0;  // at the last call of queues_moved()
};

}  // namespace tunnel
