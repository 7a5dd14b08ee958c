// Systems that are not watched: a peer that no longer answers is found by its keepalive.
#include "os/net/network_changes.hpp"

namespace tunnel::os {

struct NetworkChanges::State {};

NetworkChanges::NetworkChanges() = default;
NetworkChanges::~NetworkChanges() = default;

NetworkChanges::Seen NetworkChanges::look() { return {}; }

}  // namespace tunnel::os
