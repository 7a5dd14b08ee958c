// A command that runs beside this process, with its standard streams, and the signals that are the
// command's.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace tunnel::os {

class Child {
 public:
  // `status` is a shell's: 127 where there is no such command, 126 where it cannot be run.
  struct Failure {
    Error error;
    int status;
  };

  // Starts words[0], looked up in PATH, with the rest as its arguments. It has the signals as this
  // process was given them. From here on those that end a process, and those that are a user's, are
  // kept from every thread that the caller starts: wait() takes them. Called once, and before there
  // are other threads.
  static std::variant<Child, Failure> start(const std::vector<std::string>& words);

  // Waits until the command has ended, and passes on to it the signals that this process gets
  // meanwhile, but for those that a terminal sends to both. Returns its exit status, which for one
  // that a signal ended is a shell's: 128 and the signal's number.
  int wait();

  // After that: waits for a signal that asks this process to stop. False where the system has none.
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
