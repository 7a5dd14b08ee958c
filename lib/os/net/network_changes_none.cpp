// For systems that are not watched: keepalive finds a dead peer instead.
#include "os/net/network_changes.hpp"

namespace tunnel::os {

struct NetworkChanges::State {};

NetworkChanges::NetworkChanges() = default;
NetworkChanges::~NetworkChanges() = default;

NetworkChanges::Changes NetworkChanges::poll() { return {}; }

}  // namespace tunnel::os
