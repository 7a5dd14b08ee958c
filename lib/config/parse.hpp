// TOML (v1.0.0) to raw values; the only user of toml++.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "config/raw.hpp"

namespace tunnel::config {

// `file` is the name in places. A syntax error is one mistake, where parsing stopped.
std::variant<RawTable, Mistake> parse(std::string_view text, const std::string& file);

}  // namespace tunnel::config
