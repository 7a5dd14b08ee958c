// Whether a person reads along, in colours.
#pragma once

#include <cstdio>

namespace tunnel::os {

// Whether the stream is a terminal that understands escape sequences for colours; where it has to
// be asked to, it has been.
bool shows_colours(std::FILE* stream);

}  // namespace tunnel::os
