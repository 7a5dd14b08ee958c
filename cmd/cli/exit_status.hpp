// The exit status of every command, and where it prints.
#pragma once

#include <cstdio>
#include <string>

#include "base/error.hpp"

namespace tunnel {

enum Status { done = 0, failed = 1, misused = 2 };

inline void print(std::FILE* out, const std::string& text) { std::fputs(text.c_str(), out); }

// Says what is wrong and the next step.
inline int refuse(const Error& error, Status status = misused,
                  const std::string& command = "tunnel") {
  print(stderr, command + ": " + error.what + "\n");
  if (!error.hint.empty()) print(stderr, "    " + error.hint + "\n");
  return status;
}

}  // namespace tunnel
