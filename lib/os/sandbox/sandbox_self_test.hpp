// For tests: tries what the sandbox must forbid.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace tunnel::os {

struct SandboxAttempt {
  std::string operation;  // "open", "exec", ...
  bool allowed = false;
  std::string result;  // "it worked", or the system's error
};

// Tries each operation on this thread. `file` is a file that the user may read and write, and
// `port` a TCP port on 127.0.0.1; the configuration names neither. The last operation is exec. Does
// nothing on systems without a sandbox.
void test_sandbox(const std::string& file, std::uint16_t port,
                  const std::function<void(const SandboxAttempt&)>& report);

}  // namespace tunnel::os
