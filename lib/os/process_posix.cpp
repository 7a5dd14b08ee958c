// Process-wide settings by POSIX.
#include <sys/resource.h>

#include <algorithm>
#include <climits>
#include <csignal>

#include "os/process.hpp"

namespace tunnel::os {

const int reload_signal = SIGHUP;

void prepare_process() {
  std::signal(SIGPIPE, SIG_IGN);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  // macOS says "infinity" and then refuses more than OPEN_MAX; beyond a million no service goes
  rlim_t wanted = std::min<rlim_t>(limit.rlim_max, 1 << 20);
#ifdef __APPLE__
  wanted = std::min<rlim_t>(wanted, OPEN_MAX);
#endif
  if (wanted <= limit.rlim_cur) return;
  limit.rlim_cur = wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace tunnel::os
