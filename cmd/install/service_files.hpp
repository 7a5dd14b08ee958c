// The files by which a service manager starts the tunnel for one configuration.
#pragma once

#include <string>
#include <vector>

#include "os/service/service_registry.hpp"

namespace tunnel::cmd {

struct Installation {
  std::string name;     // of the service, without prefix
  std::string program;  // absolute, as is the next
  std::string config;
  bool for_user = false;            // of a logged-in user, rather than of the system
  std::string account;              // whom the system runs it as
  std::vector<std::string> writes;  // folders, absolute
};

// By the first line of a file, or by the description of an entry, which each of these has.
bool is_ours(const std::string& content);

// A systemd unit: conf/tunnel@.service for this configuration; without what a user's own manager
// cannot do, where it is for that.
std::string systemd_unit(const Installation& installation);

// A property list for launchd; `log` is a file for what the program says.
std::string launchd_plist(const Installation& installation, const std::string& log);
// Its name there.
std::string launchd_label(const Installation& installation);

// An entry of Windows's service control manager.
os::ServiceEntry windows_service(const Installation& installation);

}  // namespace tunnel::cmd
