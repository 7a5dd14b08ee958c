// macOS does not tell who sent a signal: what a terminal can send counts as sent by it while this
// process is in its foreground.
#include <unistd.h>

#include "os/process/signal_wait.hpp"

namespace tunnel::os {

Signal wait_for_signal(const sigset_t& signals) {
  int number = 0;
  if (sigwait(&signals, &number) != 0) return {};
  const bool typed = number == SIGINT || number == SIGQUIT;
  return {number, typed && tcgetpgrp(STDIN_FILENO) == getpgrp()};
}

}  // namespace tunnel::os
