// What processes cost, as the operating system counts it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <vector>

namespace load {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start);

class Meter {
 public:
  explicit Meter(std::vector<pid_t> pids) : pids_(std::move(pids)) {}

  // User and system seconds of all of them so far, ended threads included, to the nanosecond.
  double cpu_seconds() const;
  // Their proportional share of memory.
  double pss_kib() const;

 private:
  std::vector<pid_t> pids_;
};

}  // namespace load
