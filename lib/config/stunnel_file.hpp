// A configuration of stunnel's that was given as one of ours.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/mistake.hpp"

namespace tunnel::config {

// Where `text`, which is no TOML, is a stunnel.conf: a mistake that says so and suggests the same
// services as TOML.
std::optional<Mistake> stunnel_file(std::string_view text, const std::string& file);

}  // namespace tunnel::config
