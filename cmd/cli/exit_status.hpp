// The exit status of every command, and how a command reports why it fails.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"

namespace tunnel::cmd {

// `tunnel run` exits with the status of its command, which may be any other number.
enum class ExitStatus : int { ok = 0, failed = 1, usage = 2 };

inline void print(std::FILE* out, const std::string& text) { std::fputs(text.c_str(), out); }

// Prints the error and its next step, and returns `status`.
inline ExitStatus fail(const Error& error, ExitStatus status = ExitStatus::usage,
                       const std::string& command = "tunnel") {
  print(stderr, command + ": " + error.what + "\n");
  if (!error.hint.empty()) print(stderr, "    " + error.hint + "\n");
  return status;
}

// Prints every mistake on a line of its own.
inline ExitStatus fail_all(const std::vector<config::Mistake>& mistakes) {
  for (const config::Mistake& mistake : mistakes) print(stderr, mistake.text() + "\n");
  return ExitStatus::usage;
}

// Exits without destructors: a name lookup that hangs in the system can't be cancelled, and must
// not delay the exit.
[[noreturn]] inline void exit_now(ExitStatus status) { std::_Exit(static_cast<int>(status)); }

}  // namespace tunnel::cmd
