// Windows can't switch a running process to another user.
#include "os/process/identity.hpp"

namespace tunnel::os {

std::variant<Identity, IdentityError> find_identity(const std::string& user,
                                                    const std::string& group) {
  if (user.empty() && group.empty()) return Identity{};
  return IdentityError{
      IdentityError::Code::unsupported,
      {"user and group cannot be had on Windows", "let the service run as that account instead"}};
}

std::string group_name(const Identity&) { return {}; }

Result<std::monostate> become(const Identity&) { return std::monostate{}; }

bool gave_up_root() { return false; }

}  // namespace tunnel::os
