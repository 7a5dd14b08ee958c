// What servers of each protocol begin with.
#pragma once

#include <span>

#include "protocol/pattern.hpp"

namespace tunnel {

// In the order in which they are tried.
std::span<const ProtocolPattern> server_patterns();

}  // namespace tunnel
