// For systems without a sandbox.
#include "os/sandbox/sandbox_self_test.hpp"

namespace tunnel::os {

void test_sandbox(const std::string&, std::uint16_t,
                  const std::function<void(const SandboxAttempt&)>&) {}

}  // namespace tunnel::os
