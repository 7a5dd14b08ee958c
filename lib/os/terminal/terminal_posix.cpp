// Terminals by POSIX.
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "os/terminal/terminal.hpp"

namespace tunnel::os {

void use_utf8() {}

bool is_terminal(std::FILE* stream) { return ::isatty(::fileno(stream)) == 1; }

std::size_t columns(std::FILE* stream) {
  constexpr std::size_t usual = 80;
  const int terminal = ::fileno(stream);
  winsize size{};
  // a background job would draw over the shell's line
  if (::tcgetpgrp(terminal) != ::getpgrp() || ::ioctl(terminal, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col != 0 ? size.ws_col : usual;  // a serial line reports 0
}

std::string time_of_day() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  char text[16];
  return {text, std::strftime(text, sizeof text, "%H:%M:%S", &local)};
}

bool has_hung_up(std::FILE* stream) {
  termios settings{};
  return ::tcgetattr(::fileno(stream), &settings) != 0 && errno == EIO;
}

bool has_input(std::FILE* stream, std::chrono::milliseconds within) {
  pollfd wanted{::fileno(stream), POLLIN, 0};
  return ::poll(&wanted, 1, static_cast<int>(within.count())) > 0;
}

}  // namespace tunnel::os
