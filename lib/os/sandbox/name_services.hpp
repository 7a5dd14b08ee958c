// The libraries by which the system resolves names.
#pragma once

namespace tunnel::os {

// Loads those that /etc/nsswitch.conf names for hosts, which the C library would otherwise do at
// the first lookup, and could not do in the sandbox.
void load_name_services();

}  // namespace tunnel::os
