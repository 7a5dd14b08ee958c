// Times without an offset from UTC, as this machine's clock has them.
#pragma once

#include <string>
#include <string_view>

#include "config/raw.hpp"

namespace tunnel::config {

// "2030-01-31T18:00:00" with this machine's offset at that time: "2030-01-31T18:00:00+09:00".
std::string with_local_offset(std::string_view time);

// The time to suggest for a value that is no time: a date or a string keeps what it says.
std::string time_meant(const RawValue& value);

}  // namespace tunnel::config
