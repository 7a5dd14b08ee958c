// A clock that counts sleep, and that can't be set.
#pragma once

#include <chrono>

namespace tunnel::os {

// Since some time before this process started. Unlike steady_clock, it advances during sleep.
std::chrono::milliseconds since_boot();

}  // namespace tunnel::os
