// Values as TOML writes them, for the lines that a message suggests.
#pragma once

#include <string>

#include "config/raw.hpp"

namespace tunnel::config {

// "..." for what has no short form, such as a table.
std::string toml_text(const RawValue& value);

}  // namespace tunnel::config
