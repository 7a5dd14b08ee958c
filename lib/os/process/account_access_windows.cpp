// Windows asks for the account's password to do anything in its name.
#include "os/process/account_access.hpp"

namespace tunnel::os {

std::optional<std::vector<FileAccess>> refused_accesses(const Identity&,
                                                        const std::vector<FileAccess>&) {
  return std::nullopt;
}

}  // namespace tunnel::os
