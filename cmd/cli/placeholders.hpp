// The placeholders {accept}, {host} and {port} in the words of a command.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "server/server.hpp"

namespace tunnel::cmd {

// Replaces placeholders by the address that the tunnel listens on. {NAME.port} is the port of the
// service NAME; without a name, there must be only one service. Other braces stay, as does ${host},
// which is for a shell.
Result<std::vector<std::string>> fill_in(const std::vector<std::string>& words,
                                         const std::vector<Listening>& services);

}  // namespace tunnel::cmd
