// The relay of today, read from standard input for "--connect -".
#pragma once

#include "config/relay_offer.hpp"

namespace tunnel::cmd {

// Reads up to the end of a line, or of the JSON, and no further: what follows is left to others.
Result<config::RelayOffer> read_offer();

}  // namespace tunnel::cmd
