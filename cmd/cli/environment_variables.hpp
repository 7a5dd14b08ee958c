// Environment variables of this process.
#pragma once

#include "os/process/process.hpp"

namespace tunnel::cmd {

using os::environment_variable;

// False if the user turns colours off, see https://no-color.org.
inline bool wants_colours() {
  const auto no_color = environment_variable("NO_COLOR");
  return !no_color || no_color->empty();
}

}  // namespace tunnel::cmd
