// Linux reports the sender of a signal.
#include "os/process/signal_wait.hpp"

namespace tunnel::os {

Signal wait_for_signal(const sigset_t& signals) {
  siginfo_t info{};
  const int number = sigwaitinfo(&signals, &info);
  if (number <= 0) return {};
  return {number, info.si_code == SI_KERNEL};
}

}  // namespace tunnel::os
