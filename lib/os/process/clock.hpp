// A clock that goes on while the system sleeps, and that nobody sets.
#pragma once

#include <chrono>

namespace tunnel::os {

// Since some moment before this process; steady_clock stands still in a laptop that sleeps.
std::chrono::milliseconds since_boot();

}  // namespace tunnel::os
