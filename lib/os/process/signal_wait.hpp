// Waits for signals in a thread, on systems that have them.
#pragma once

#include <csignal>

namespace tunnel::os {

struct Signal {
  int number = 0;              // 0: the wait was interrupted, or failed
  bool from_terminal = false;  // sent to the whole foreground group: no need to forward it
};

// Waits for one of these signals, which every thread must block.
Signal wait_for_signal(const sigset_t& signals);

}  // namespace tunnel::os
