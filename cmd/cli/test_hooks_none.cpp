// No test hooks, for the released program.
#include "cmd/cli/test_hooks.hpp"

namespace tunnel::cmd {

bool is_inspectable() { return false; }

Result<tls::Tuning> tuning_from_environment() { return tls::Tuning{}; }

void run_sandbox_self_test(Log&) {}

}  // namespace tunnel::cmd
