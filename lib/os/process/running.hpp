// The running programs that are supervised: to find one by its command line, and to have it
// replaced.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace tunnel::os {

struct Running {
  int process = 0;
  std::vector<std::string> command;  // its words
  std::filesystem::path folder;      // that relative paths in them are of; empty if unknown
  std::string unit;                  // of systemd, such as "tunnel-vnc.service"; may be empty
};

// All that have a worker process. Empty on systems where the program is one process.
std::vector<Running> supervised_programs();

// Asks it to switch to the program that is now at its path.
Result<std::monostate> request_upgrade(int process);

// How far that is.
struct UpgradeState {
  bool done = false;
  bool exited = false;  // the old process, after its last connection or for another reason
  int successor = 0;    // the process that takes over; 0: there is none, or none any more
};
UpgradeState upgrade_state(int process);

}  // namespace tunnel::os
