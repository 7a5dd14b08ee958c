// The proxy that the environment names, for advice: connections do not go through it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tunnel::net {

// "HTTPS_PROXY names a proxy (proxy.example:3128)"; nothing where no variable does, or NO_PROXY
// leaves out the host. User names and passwords are left out. Never for this machine.
std::optional<std::string> environment_proxy(std::string_view host);

}  // namespace tunnel::net
