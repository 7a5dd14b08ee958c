// The exit status of every command, and where it prints.
#pragma once

#include <cstdio>
#include <string>

namespace tunnel {

enum Status { done = 0, failed = 1, misused = 2 };

inline void print(std::FILE* out, const std::string& text) { std::fputs(text.c_str(), out); }

}  // namespace tunnel
