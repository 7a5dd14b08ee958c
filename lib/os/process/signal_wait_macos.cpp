// macOS does not report the sender of a signal: while this process is in the foreground, signals
// that a terminal can send count as sent by it.
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
