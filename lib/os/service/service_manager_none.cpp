// For systems whose service manager takes no notifications.
#include "os/service/service_manager.hpp"

namespace tunnel::os {

Result<ServiceManager> ServiceManager::from_environment() { return ServiceManager(); }
ServiceManager::ServiceManager(ServiceManager&&) noexcept = default;
ServiceManager& ServiceManager::operator=(ServiceManager&&) noexcept = default;
ServiceManager::~ServiceManager() = default;

std::unique_ptr<LogSink> ServiceManager::log() const { return nullptr; }

void ServiceManager::on_request(std::function<void(Request)>) const {}
void ServiceManager::ready(std::string_view) const {}
void ServiceManager::reloading(std::string_view) const {}
void ServiceManager::stopping(std::string_view, std::chrono::milliseconds) const {}
void ServiceManager::alive(std::string_view) const {}

ServiceManager ServiceManager::over(NativeSocket, const ServiceManager&) { return {}; }
std::vector<std::string> ServiceManager::environment() const { return {}; }
void ServiceManager::relay(const std::string&) const {}

}  // namespace tunnel::os
