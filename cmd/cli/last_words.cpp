// Out of memory, or a defect.
#include "cmd/cli/last_words.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>

#include "cmd/cli/exit_status.hpp"

namespace tunnel::cmd {

int with_last_words(const std::function<int()>& run) {
  try {
    return run();
  } catch (const std::bad_alloc&) {
    std::fputs(
        "tunnel: stopped, since it is out of memory\n    give it more, or lower max_connections\n",
        stderr);
  } catch (const std::exception& error) {
    print(stderr, fmt::format("tunnel: internal error: {}\n    please report it\n", error.what()));
  }
  return static_cast<int>(ExitStatus::failed);
}

}  // namespace tunnel::cmd
