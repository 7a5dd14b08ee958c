// Runs the command that the command line names, and returns its exit status.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>

#include "cmd/cli/exit_status.hpp"
#include "cmd/cli/options.hpp"
#include "os/process/process.hpp"
#include "os/terminal/terminal.hpp"

namespace cmd = tunnel::cmd;
using cmd::ExitStatus;

int main(int argc, char** argv) {
  tunnel::os::use_utf8();
  try {
    const auto parsed = cmd::parse_options(tunnel::os::command_line_words(argc, argv));
    if (const auto* exit = std::get_if<cmd::EarlyExit>(&parsed)) {
      cmd::print(exit->status == ExitStatus::ok ? stdout : stderr, exit->text);
      return static_cast<int>(exit->status);
    }
    return static_cast<int>(std::get<cmd::Command>(parsed)());
  } catch (const std::bad_alloc&) {
    std::fputs(
        "tunnel: stopped, since it is out of memory\n    give it more, or lower max_connections\n",
        stderr);
    return static_cast<int>(ExitStatus::failed);
  } catch (const std::exception& error) {
    cmd::print(stderr,
               fmt::format("tunnel: stopped by a defect of its own: {}\n    please report it\n",
                           error.what()));
    return static_cast<int>(ExitStatus::failed);
  }
}
