// Capabilities by Linux.
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "os/process/capabilities.hpp"

namespace tunnel::os {

bool runs_as_root() { return geteuid() == 0; }

bool keep_low_ports_only() {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // the bounding set first, for which a capability is needed; an unknown number is refused
  for (int number = 0; number <= CAP_LAST_CAP; ++number)
    if (number != CAP_NET_BIND_SERVICE) prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (syscall(SYS_capget, &header, sets.data()) != 0) return false;
  constexpr unsigned low_ports = 1U << CAP_NET_BIND_SERVICE;
  sets[0] = {sets[0].effective & low_ports, sets[0].permitted & low_ports, 0};
  sets[1] = {};
  return syscall(SYS_capset, &header, sets.data()) == 0;
}

}  // namespace tunnel::os
