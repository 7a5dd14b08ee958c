// CLOCK_BOOTTIME, since CLOCK_MONOTONIC stops during sleep.
#include <ctime>

#include "os/process/clock.hpp"

namespace tunnel::os {

std::chrono::milliseconds since_boot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::duration_cast<std::chrono::milliseconds>(
                                                std::chrono::nanoseconds(now.tv_nsec));
}

}  // namespace tunnel::os
