// mach_continuous_time(), since mach_absolute_time() stops during sleep.
#include <mach/mach_time.h>

#include <cstdint>

#include "os/process/clock.hpp"

namespace tunnel::os {

std::chrono::milliseconds since_boot() {
  mach_timebase_info_data_t base{};
  mach_timebase_info(&base);
  // divides first: after decades the product would overflow
  constexpr std::uint64_t per_ms = 1'000'000;
  const std::uint64_t ticks = mach_continuous_time();
  const std::uint64_t unit = base.denom * per_ms;
  return std::chrono::milliseconds(ticks / unit * base.numer + ticks % unit * base.numer / unit);
}

}  // namespace tunnel::os
