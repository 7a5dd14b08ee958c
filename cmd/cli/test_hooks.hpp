// What tests ask of the program by its environment. The program that users have is linked with
// test_hooks_none.cpp: no variable changes anything there.
#pragma once

#include "base/error.hpp"
#include "log/log.hpp"
#include "tls/tuning.hpp"

namespace tunnel::cmd {

// Whether core dumps and looks at this process are allowed: TUNNEL_TEST_INSPECTABLE.
bool is_inspectable();

// How records are protected, as TUNNEL_TEST_RECORDS and others wish.
Result<tls::Tuning> wished_tuning();

// Call after entering the sandbox. With TUNNEL_TEST_SANDBOX, tries to escape on this thread and on
// a new one, and logs each result. The value is a file and a TCP port on 127.0.0.1, separated by a
// space, that the configuration does not allow.
void run_sandbox_self_test(Log& log);

}  // namespace tunnel::cmd
