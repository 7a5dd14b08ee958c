// The user and group that the process switches to when it no longer needs root.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"

namespace tunnel::os {

struct Identity {
  std::string user;   // as requested; empty: the current user
  std::string group;  // as requested; empty: the user's group
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;
};

struct IdentityError {
  enum class Code : std::uint8_t { unknown_user, unknown_group, unsupported };

  Code code;
  Error error;
};

// Finds both by name or number. The supplementary groups are the user's, unless `group` is given.
std::variant<Identity, IdentityError> find_identity(const std::string& user,
                                                    const std::string& group);

// The name of its group, or the number of one without a name.
std::string group_name(const Identity& identity);

// Switches all threads for good; does nothing if the process has that user and group already. An
// error without a hint means that the process lacks the right to switch.
Result<std::monostate> become(const Identity& identity);

// Whether the process was started as root and has switched to another user.
bool gave_up_root();

}  // namespace tunnel::os
