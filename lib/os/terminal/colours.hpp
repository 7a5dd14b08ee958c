// Whether a terminal shows colours.
#pragma once

#include <cstdio>

namespace tunnel::os {

// Whether the stream is a terminal that understands escape sequences for colours. Enables them on
// Windows.
bool shows_colours(std::FILE* stream);

}  // namespace tunnel::os
