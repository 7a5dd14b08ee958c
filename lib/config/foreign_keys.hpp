// Keys as stunnel, HAProxy, nginx and everyday speech name them, in this program's words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/raw.hpp"

namespace tunnel::config {

// What stands for `entry` of a service's `table` here, with its value carried over; or why it has
// no counterpart. Nothing for a name that isn't known.
std::optional<Suggestion> foreign_key(const RawEntry& entry, const RawTable& table);

// The key of ours that the name stands for; empty if there is none.
std::string_view foreign_meaning(std::string_view key, const RawTable& table);

// The table of a key of this program: "service", "log", "process"; empty for other names, and for a
// key that others have for another.
std::string_view home_of(std::string_view key);

// The key below the header of its table.
Suggestion below_header(std::string_view header, std::string_view line);

}  // namespace tunnel::config
