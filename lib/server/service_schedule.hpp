// When a service closes by itself, and when to warn of it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "config/config.hpp"

namespace tunnel {

// Looked at again and again rather than waited for: a timer sleeps with the system, and the wall
// clock can be set.
class ServiceSchedule {
 public:
  using milliseconds = std::chrono::milliseconds;

  // What the two clocks say: `open_for` is counted by the one that sleep does not stop and nobody
  // sets, `until` is a moment of the wall's.
  struct Now {
    milliseconds since_boot{0};
    std::chrono::sys_time<milliseconds> wall;
  };
  static Now now();

  // The service begins to listen.
  ServiceSchedule(const config::Service& settings, const Now& start);
  // It has other settings from now on, and has been listening since then.
  void renew(const config::Service& settings, const Now& now);

  // Whether it ever closes by itself.
  bool set() const { return open_for_.count() != 0 || until_.has_value(); }
  // Whether it says the same as these settings.
  bool same(const config::Service& settings) const;

  struct Look {
    bool over = false;
    std::optional<milliseconds> warning;  // to be said now: what is left
    milliseconds again{0};                // when to look again
  };
  // Where it is set.
  Look look(const Now& now);

  // "open_for = 30m00s", "until = 2026-11-22T18:00:00+09:00"
  std::string text() const;

 private:
  milliseconds left(const Now& now) const;

  milliseconds start_;
  milliseconds open_for_{0};
  std::optional<config::Instant> until_;
  milliseconds last_left_{0};
};

}  // namespace tunnel
