// Consoles of Windows, which have no background jobs.
#include <io.h>
#include <windows.h>

#include <cstdlib>
#include <ctime>

#include "os/terminal/terminal.hpp"

namespace tunnel::os {

namespace {

HANDLE console_of(std::FILE* stream) {
  return reinterpret_cast<HANDLE>(::_get_osfhandle(::_fileno(stream)));
}

}  // namespace

void use_utf8() {
  static const UINT before = ::GetConsoleOutputCP();
  // the setting outlives the process
  if (before != 0 && before != CP_UTF8 && ::SetConsoleOutputCP(CP_UTF8) != 0)
    std::atexit([] { ::SetConsoleOutputCP(before); });
}

bool is_terminal(std::FILE* stream) {
  DWORD mode = 0;
  return console_of(stream) != INVALID_HANDLE_VALUE &&
         ::GetConsoleMode(console_of(stream), &mode) != 0;
}

std::size_t columns(std::FILE* stream) {
  CONSOLE_SCREEN_BUFFER_INFO info;
  if (console_of(stream) == INVALID_HANDLE_VALUE ||
      ::GetConsoleScreenBufferInfo(console_of(stream), &info) == 0)
    return 0;
  const int width = info.srWindow.Right - info.srWindow.Left + 1;
  return width > 0 ? static_cast<std::size_t>(width) : 0;
}

std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_s(&local, &now);
  char text[16];
  return {text, std::strftime(text, sizeof text, "%H:%M:%S", &local)};
}

// Windows ends the programs of a closed console.
bool has_hung_up(std::FILE*) { return false; }

bool has_input(std::FILE* stream, std::chrono::milliseconds within) {
  const HANDLE handle = console_of(stream);
  if (::GetFileType(handle) == FILE_TYPE_DISK) return true;
  if (::GetFileType(handle) != FILE_TYPE_PIPE) return false;
  const auto limit = std::chrono::steady_clock::now() + within;
  for (;;) {
    DWORD available = 0;
    if (::PeekNamedPipe(handle, nullptr, 0, nullptr, &available, nullptr) == 0) return true;
    if (available > 0) return true;
    if (std::chrono::steady_clock::now() >= limit) return false;
    ::Sleep(10);
  }
}

}  // namespace tunnel::os
