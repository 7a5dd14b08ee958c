// For systems without capabilities.
#include "os/process/capabilities.hpp"

namespace tunnel::os {

bool runs_as_root() { return false; }
bool keep_low_ports_only() { return false; }

}  // namespace tunnel::os
