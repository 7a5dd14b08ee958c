// Consoles of Windows, which support escape sequences from version 10 on, once enabled.
#include <io.h>
#include <windows.h>

#include "os/terminal/colours.hpp"

namespace tunnel::os {

bool shows_colours(std::FILE* stream) {
  const auto console = reinterpret_cast<HANDLE>(::_get_osfhandle(::_fileno(stream)));
  DWORD mode = 0;
  if (console == INVALID_HANDLE_VALUE || ::GetConsoleMode(console, &mode) == 0) return false;
  constexpr DWORD escapes = 0x0004;  // ENABLE_VIRTUAL_TERMINAL_PROCESSING
  return ::SetConsoleMode(console, mode | escapes) != 0;
}

}  // namespace tunnel::os
