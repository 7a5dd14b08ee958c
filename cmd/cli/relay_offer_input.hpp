// Reads the relay for "--connect -" from standard input.
#pragma once

#include "config/relay_offer.hpp"

namespace tunnel::cmd {

// Reads up to the end of the line or of the JSON, and leaves the rest unread.
Result<config::RelayOffer> read_offer();

}  // namespace tunnel::cmd
