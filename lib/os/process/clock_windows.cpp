// GetTickCount64(), which counts sleep and hibernation.
#include <windows.h>

#include "os/process/clock.hpp"

namespace tunnel::os {

std::chrono::milliseconds since_boot() {
  return std::chrono::milliseconds(static_cast<std::int64_t>(GetTickCount64()));
}

}  // namespace tunnel::os
