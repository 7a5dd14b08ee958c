// Whether a person sits at a stream.
#pragma once

#include <cstdio>

namespace tunnel::os {

// Whether the stream is a terminal, or a console of Windows.
bool is_terminal(std::FILE* stream);

}  // namespace tunnel::os
