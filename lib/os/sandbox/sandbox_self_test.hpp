// For tests: tries what a confined process must not be able to do.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace tunnel::os {

struct Escape {
  std::string way;  // "open", "exec", ...
  bool worked = false;
  std::string answer;  // of the system
};

// On this thread. `file` is one that the user may read and write, and `port` one of TCP on
// 127.0.0.1, neither of which the configuration names. The last way is to become another program.
// Nothing where there is no sandbox.
void try_to_escape(const std::string& file, std::uint16_t port,
                   const std::function<void(const Escape&)>& tell);

}  // namespace tunnel::os
