// For the program that users have.
#include "cmd/cli/test_hooks.hpp"

namespace tunnel::cmd {

bool is_inspectable() { return false; }

Result<tls::Tuning> wished_tuning() { return tls::Tuning{}; }

void run_sandbox_self_test(Log&) {}

}  // namespace tunnel::cmd
