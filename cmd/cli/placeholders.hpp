// {accept}, {host} and {port} in a command's words.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "server/server.hpp"

namespace tunnel::cmd {

// Replaces them in each word by where the tunnel listens. Other braces stay as they are, and so
// does ${host}, which is a shell's. {NAME.port} is that service's; without a name there must be but
// one.
Result<std::vector<std::string>> fill_in(const std::vector<std::string>& words,
                                         const std::vector<Listening>& services);

}  // namespace tunnel::cmd
