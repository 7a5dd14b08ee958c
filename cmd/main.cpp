// Runs the command that the command line names, and returns its exit status.
#include <cstdio>
#include <variant>

#include "cmd/cli/exit_status.hpp"
#include "cmd/cli/last_words.hpp"
#include "cmd/cli/options.hpp"
#include "os/process/process.hpp"
#include "os/terminal/terminal.hpp"

namespace cmd = tunnel::cmd;
using cmd::ExitStatus;

int main(int argc, char** argv) {
  tunnel::os::use_utf8();
  return cmd::with_last_words([&] {
    const auto parsed = cmd::parse_options(tunnel::os::command_line_words(argc, argv));
    if (const auto* exit = std::get_if<cmd::EarlyExit>(&parsed)) {
      cmd::print(exit->status == ExitStatus::ok ? stdout : stderr, exit->text);
      return static_cast<int>(exit->status);
    }
    return static_cast<int>(std::get<cmd::Command>(parsed)());
  });
}
