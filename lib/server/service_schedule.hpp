// When a service closes at its set time, and when to warn of it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "config/config.hpp"

namespace tunnel {

// Polled instead of waited for: a timer stops while the system sleeps, and the wall clock can be
// set.
class ServiceSchedule {
 public:
  using milliseconds = std::chrono::milliseconds;

  // Both clocks: `open_for` counts by the one that runs during sleep and can't be set; `until` is a
  // time of the wall clock.
  struct Now {
    milliseconds since_boot{0};
    std::chrono::sys_time<milliseconds> wall;
  };
  static Now now();

  // The service starts to listen.
  ServiceSchedule(const config::Service& settings, const Now& start);
  // Applies new settings; `open_for` still counts from the start.
  void apply(const config::Service& settings, const Now& now);

  // Whether there is a closing time.
  bool is_set() const { return open_for_.count() != 0 || until_.has_value(); }
  // Whether these settings have the same closing time.
  bool matches(const config::Service& settings) const;

  struct State {
    bool expired = false;
    std::optional<milliseconds> warning;  // to log now: the time left
    milliseconds next_poll{0};            // from now
  };
  // Requires is_set().
  State poll(const Now& now);

  // Until it closes; negative once that time has passed. Requires is_set().
  milliseconds left(const Now& now) const;

  // "open_for = 30m00s", "until = 2026-11-22T18:00:00+09:00"
  std::string text() const;

 private:
  milliseconds start_;
  milliseconds open_for_{0};
  std::optional<config::Instant> until_;
  milliseconds last_left_{0};
};

}  // namespace tunnel
