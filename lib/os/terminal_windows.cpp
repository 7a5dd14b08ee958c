// Consoles of Windows.
#include <io.h>
#include <windows.h>

#include "os/terminal.hpp"

namespace tunnel::os {

bool is_terminal(std::FILE* stream) {
  const auto console = reinterpret_cast<HANDLE>(::_get_osfhandle(::_fileno(stream)));
  DWORD mode = 0;
  return console != INVALID_HANDLE_VALUE && ::GetConsoleMode(console, &mode) != 0;
}

}  // namespace tunnel::os
