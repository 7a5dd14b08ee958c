// Reads the relay for "--connect -" from standard input.
#pragma once

#include "config/relay_offer.hpp"

namespace tunnel::cmd {

// Whose the input after the offer is: the command of `tunnel run` reads on where the offer ends.
enum class InputAfter { nobodys, commands };

// Reads one line or JSON. What is nobody's and follows at once belongs to the offer, and may be a
// second relay or the rest of another program's message.
Result<config::RelayOffer> read_offer(InputAfter after);

}  // namespace tunnel::cmd
