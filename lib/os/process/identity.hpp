// The user and the group that a program becomes once it does not need to be root any more.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace tunnel::os {

struct Identity {
  std::string user;   // as it was asked for; empty: stays who it is
  std::string group;  // likewise; empty: that of the user
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;
};

// By name or number; the groups are the user's own. An error says that there is none.
Result<Identity> find_identity(const std::string& user, const std::string& group);

// For good, in all threads; a no-op where one is that user and group already.
Result<std::monostate> become(const Identity& identity);

// Root has been given up since the program was started.
bool gave_up_root();

}  // namespace tunnel::os
