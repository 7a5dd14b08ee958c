// The environment of this process, for whoever reads variables by name.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace tunnel {

inline std::optional<std::string> environment_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

// On a terminal, unless its user has said otherwise: https://no-color.org.
inline bool wants_colours() {
  const auto no_color = environment_variable("NO_COLOR");
  return !no_color || no_color->empty();
}

}  // namespace tunnel
