// The environment of this process, for whoever reads variables by name.
#pragma once

#include "os/process/process.hpp"

namespace tunnel::cmd {

using os::environment_variable;

// On a terminal, unless its user has said otherwise: https://no-color.org.
inline bool wants_colours() {
  const auto no_color = environment_variable("NO_COLOR");
  return !no_color || no_color->empty();
}

}  // namespace tunnel::cmd
