// For the program that the tests run.
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

Result<tls::Tuning> wished_tuning() { return tls::tuning_from(os::environment_variable); }

void run_sandbox_self_test(Log& log) {
  const auto variable = os::environment_variable("TUNNEL_TEST_SANDBOX");
  if (!variable) return;
  const std::string& wish = *variable;
  const auto space = wish.rfind(' ');
  const std::string file = wish.substr(0, space);
  const std::string port = space == wish.npos ? "0" : wish.substr(space + 1);
  const auto attempt = [&](std::string_view where) {
    const auto tell = [&](const os::Escape& escape) {
      log.info("escape", fmt::format("{}: {}: {}", where, escape.way, escape.answer),
               {{"where", std::string(where)},
                {"way", escape.way},
                {"worked", std::int64_t{escape.worked ? 1 : 0}}});
      // the last attempt leaves nobody to write it
      log.flush(std::chrono::seconds(5));
    };
    os::try_to_escape(file, static_cast<std::uint16_t>(std::atoi(port.c_str())), tell);
  };
  attempt("main");
  std::thread([&] { attempt("thread"); }).join();
  log.info("escape", "all is tried", {{"way", "end"}});
}

}  // namespace tunnel::cmd
