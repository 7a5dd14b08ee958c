// Terminals by POSIX.
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "os/terminal/colours.hpp"

namespace tunnel::os {

bool shows_colours(std::FILE* stream) {
  const char* kind = std::getenv("TERM");
  return ::isatty(::fileno(stream)) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
}

}  // namespace tunnel::os
