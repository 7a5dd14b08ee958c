// Waiting for signals in a thread, on systems that have them.
#pragma once

#include <csignal>

namespace tunnel::os {

struct Signal {
  int number = 0;              // 0: the wait was interrupted, or failed
  bool from_terminal = false;  // sent to all in the foreground, so that nobody needs to pass it on
};

// Waits for one of these, which every thread has blocked.
Signal wait_for_signal(const sigset_t& signals);

}  // namespace tunnel::os
