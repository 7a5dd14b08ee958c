// Reads the relay for "--connect -" from standard input.
#pragma once

#include "config/relay_offer.hpp"

namespace tunnel::cmd {

// `tunnel run` leaves what follows the offer to its command.
enum class RestOfInput { ours, the_commands };

// Reads one line or JSON. If the rest is ours, lines that follow at once are read too: a second
// relay, or the rest of another program's message.
Result<config::RelayOffer> read_offer(RestOfInput rest);

}  // namespace tunnel::cmd
