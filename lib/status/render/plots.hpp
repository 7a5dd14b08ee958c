// Small plots of a service's last ten minutes, as HTML with inline SVG.
#pragma once

#include <string>

#include "status/snapshot.hpp"

namespace tunnel::status {

// Bytes, connections, connect and handshake times, and failures by cause.
std::string plots_of(const ServiceStatus& service, const Snapshot& snapshot);

}  // namespace tunnel::status
