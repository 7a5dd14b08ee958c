// Properties of terminals and other standard streams.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

namespace tunnel::os {

// Makes a Windows console use UTF-8 until the program exits.
void use_utf8();

// Whether the stream is a terminal, or a console of Windows.
bool is_terminal(std::FILE* stream);

// The width of the terminal; 0 if the stream is not a terminal, or this process is in the
// background.
std::size_t columns(std::FILE* stream);

// The local time, "15:04:05". The first call reads the time zone's file.
std::string time_of_day();

// Whether the stream is a terminal that has hung up: its window was closed, or its line is down.
bool has_hung_up(std::FILE* stream);

// Whether an unbuffered stream has more to read, or its end, now or within that time.
bool has_input(std::FILE* stream, std::chrono::milliseconds within);

}  // namespace tunnel::os
