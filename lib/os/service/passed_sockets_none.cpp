// For systems whose service manager passes no sockets.
#include <fmt/format.h>

#include "base/text.hpp"
#include "os/service/service_manager.hpp"

namespace tunnel::os {

Result<std::vector<NativeSocket>> ServiceManager::sockets(std::string_view name) const {
  return Error{
      fmt::format("the socket \"{}\" cannot be had: sockets are passed by systemd, on Linux",
                  escaped(name)),
      "listen on a port instead"};
}

}  // namespace tunnel::os
