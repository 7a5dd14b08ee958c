// Hooks that tests control by environment variables. The released program is linked with
// test_hooks_none.cpp, where the variables have no effect.
#pragma once

#include "base/error.hpp"
#include "log/log.hpp"
#include "tls/tuning.hpp"

namespace tunnel::cmd {

// Whether to allow core dumps and debuggers: TUNNEL_TEST_INSPECTABLE.
bool is_inspectable();

// Settings of the record layer, from TUNNEL_TEST_RECORDS and others.
Result<tls::Tuning> tuning_from_environment();

// Call after entering the sandbox. With TUNNEL_TEST_SANDBOX, runs os::test_sandbox() on this
// thread and on a new one, and logs each result. The value is a file and a TCP port on 127.0.0.1,
// separated by a space, that the configuration does not allow.
void run_sandbox_self_test(Log& log);

}  // namespace tunnel::cmd
