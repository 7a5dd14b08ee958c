// Test hooks, for the program that the tests run.
#include "cmd/cli/test_hooks.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "os/process/process.hpp"
#include "os/sandbox/sandbox_self_test.hpp"

namespace tunnel::cmd {

bool is_inspectable() {
  return !os::environment_variable("TUNNEL_TEST_INSPECTABLE").value_or("").empty();
}

Result<tls::Tuning> tuning_from_environment() { return tls::tuning_from(os::environment_variable); }

void run_sandbox_self_test(Log& log) {
  const auto variable = os::environment_variable("TUNNEL_TEST_SANDBOX");
  if (!variable) return;
  const std::string& value = *variable;
  const auto space = value.rfind(' ');
  const std::string file = value.substr(0, space);
  const std::string port = space == value.npos ? "0" : value.substr(space + 1);
  const auto attempt = [&](std::string_view where) {
    const auto report = [&](const os::SandboxAttempt& attempted) {
      log.info("sandbox_self_test",
               fmt::format("{}: {}: {}", where, attempted.operation, attempted.result),
               {{"where", std::string(where)},
                {"operation", attempted.operation},
                {"allowed", std::int64_t{attempted.allowed ? 1 : 0}}});
      // a successful exec would lose it
      log.flush(std::chrono::seconds(5));
    };
    os::test_sandbox(file, static_cast<std::uint16_t>(std::atoi(port.c_str())), report);
  };
  attempt("main");
  std::thread([&] { attempt("thread"); }).join();
  log.info("sandbox_self_test", "done", {{"operation", "end"}});
}

}  // namespace tunnel::cmd
