// What the two pumps of a relay share.
#pragma once

#include <string>
#include <utility>

#include "config/config.hpp"
#include "net/buffers.hpp"
#include "relay/direction.hpp"
#include "relay/idle_watchdog.hpp"
#include "relay/relay_control.hpp"

namespace tunnel {

struct RelayState {
  RelayControl& control;
  net::Buffers& buffers;
  const config::UncleanEnd unclean_end;
  const config::Explain explain;
  const std::string upstream;  // the dialled end in words
  IdleWatchdog watchdog;
  Direction up;                      // from the client
  Direction down;                    // from the upstream
  Side last_moved = Side::upstream;  // where the last bytes came from
  bool failed = false;
  Ending ending = {};

  std::string name(Side side) const { return side == Side::client ? "the client" : upstream; }

  // Whether a client that has had no byte can still be told why, in its protocol.
  bool can_explain() const {
    switch (explain) {
      case config::Explain::vnc:  // the server speaks first
        return up.own.value() == 0;
      case config::Explain::http:  // the client asks first
        return up.own.value() > 0;
      case config::Explain::ssh:
        return true;
      default:
        return false;
    }
  }

  void note_end(std::string how) {
    if (ending.how.empty()) ending.how = std::move(how);
  }
  // The first failure explains more than an end before it.
  void note_failure(std::string how) {
    if (!std::exchange(failed, true)) ending.how = std::move(how);
  }
};

}  // namespace tunnel
