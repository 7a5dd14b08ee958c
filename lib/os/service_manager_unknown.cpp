// Systems whose service manager is told nothing and passes no sockets.
#include <fmt/format.h>

#include "base/text.hpp"
#include "os/service_manager.hpp"

namespace tunnel::os {

Result<ServiceManager> ServiceManager::from_environment() { return ServiceManager(); }
ServiceManager::ServiceManager(ServiceManager&&) noexcept = default;
ServiceManager& ServiceManager::operator=(ServiceManager&&) noexcept = default;
ServiceManager::~ServiceManager() = default;

void ServiceManager::on_request(std::function<void(Request)>) const {}
void ServiceManager::ready(std::string_view) const {}
void ServiceManager::reloading(std::string_view) const {}
void ServiceManager::stopping(std::string_view, std::chrono::milliseconds) const {}
void ServiceManager::alive(std::string_view) const {}

Result<std::vector<NativeSocket>> ServiceManager::sockets(std::string_view name) const {
  return Error{
      fmt::format("the socket \"{}\" cannot be had: sockets are passed by systemd, on Linux",
                  escaped(name)),
      "let accept say a port"};
}

}  // namespace tunnel::os
