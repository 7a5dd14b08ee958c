// Terminals by POSIX.
#include <unistd.h>

#include "os/terminal.hpp"

namespace tunnel::os {

bool is_terminal(std::FILE* stream) { return ::isatty(::fileno(stream)) == 1; }

}  // namespace tunnel::os
