// A child process that shares the standard streams, and the forwarding of signals to it.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace tunnel::os {

class Child {
 public:
  // `status` as a shell has it: 127 if there is no such command, 126 if it can't be run.
  struct Failure {
    Error error;
    int status;
  };

  // Starts words[0], looked up in PATH, with the rest as its arguments and the signal mask that
  // this process started with. Blocks termination and user signals in this thread and all that it
  // starts later, so that wait() receives them. Call it once, before there are other threads.
  static std::variant<Child, Failure> start(const std::vector<std::string>& words);

  // Waits until the command exits, and forwards signals to it, except those that a terminal sends
  // to both. Returns the exit status; as in a shell, 128 plus the signal's number if a signal ended
  // it.
  int wait();

  // After wait(): waits for a signal to stop this process. False if the system has no signals.
  static bool wait_for_stop_signal();

  Child(Child&&) noexcept;
  Child& operator=(Child&&) noexcept;
  ~Child();

 private:
  struct Process;
  explicit Child(std::unique_ptr<Process> process);

  std::unique_ptr<Process> process_;
};

}  // namespace tunnel::os
