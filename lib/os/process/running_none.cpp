// For systems where the program is one process.
#include "os/process/running.hpp"

namespace tunnel::os {

std::vector<Running> supervised_programs() { return {}; }
Result<std::monostate> request_upgrade(int) { return Error{"not on this system", "restart it"}; }
UpgradeState upgrade_state(int) { return {}; }

}  // namespace tunnel::os
