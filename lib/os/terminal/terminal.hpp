// The terminal that a stream may be.
#pragma once

#include <cstddef>
#include <cstdio>

namespace tunnel::os {

// From now to the program's end a console of Windows takes for UTF-8 what is printed, as terminals
// do elsewhere.
void use_utf8();

// Whether the stream is a terminal, or a console of Windows.
bool is_terminal(std::FILE* stream);

// How many columns of it may be drawn on at the moment: none where the stream is no terminal, or
// this process is not in its foreground.
std::size_t columns(std::FILE* stream);

// Whether the stream was a terminal that is gone: its window is closed, or its line is down.
bool has_hung_up(std::FILE* stream);

}  // namespace tunnel::os
