// Parts of the page. Whatever comes from elsewhere is escaped in them.
#pragma once

#include <string>

#include "status/snapshot.hpp"

namespace tunnel::status {

std::string service_card(const ServiceStatus& service, const Snapshot& snapshot, bool with_plots);

}  // namespace tunnel::status
