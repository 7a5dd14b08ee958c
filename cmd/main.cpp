// From the command line to the command that it asks for: the only file that exits.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>

#include "cmd/cli/exit_status.hpp"
#include "cmd/cli/options.hpp"
#include "os/process/process.hpp"
#include "os/terminal/terminal.hpp"

int main(int argc, char** argv) {
  tunnel::os::use_utf8();
  try {
    const auto parsed = tunnel::parse_options(tunnel::os::command_line_words(argc, argv));
    if (const auto* answer = std::get_if<tunnel::Answer>(&parsed)) {
      tunnel::print(answer->status == tunnel::done ? stdout : stderr, answer->text);
      return answer->status;
    }
    return std::get<tunnel::Command>(parsed)();
  } catch (const std::bad_alloc&) {
    std::fputs(
        "tunnel: stopped, since it is out of memory\n    give it more, or lower max_connections\n",
        stderr);
    return tunnel::failed;
  } catch (const std::exception& error) {
    tunnel::print(stderr,
                  fmt::format("tunnel: stopped by a defect of its own: {}\n    please report it\n",
                              error.what()));
    return tunnel::failed;
  }
}
