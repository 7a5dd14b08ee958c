// What tests ask of the program by its environment. The program that users have is linked with
// test_hooks_none.cpp: no variable changes anything there.
#pragma once

#include "base/error.hpp"
#include "log/log.hpp"
#include "tls/tuning.hpp"

namespace tunnel {

// Whether core dumps and looks at this process are allowed: TUNNEL_TEST_INSPECTABLE.
bool is_inspectable();

// How records are protected, as TUNNEL_TEST_RECORDS and others wish.
Result<tls::Tuning> wished_tuning();

// Once the sandbox is entered: with TUNNEL_TEST_SANDBOX tries to get out of it, here and on a
// thread of its own, and logs how that went. The value is a file and a TCP port of 127.0.0.1 with a
// space between, beyond the configuration.
void run_sandbox_self_test(Log& log);

}  // namespace tunnel
