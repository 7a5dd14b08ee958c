// Systems without a registry of services.
#include "os/service/service_registry.hpp"

namespace tunnel::os {

namespace {

const Error none{"this system has no service control manager", ""};

}  // namespace

Result<std::monostate> add_service(const ServiceEntry&, bool (*)(const std::string&)) {
  return none;
}
Result<std::monostate> remove_service(const std::string&, bool (*)(const std::string&)) {
  return none;
}

}  // namespace tunnel::os
