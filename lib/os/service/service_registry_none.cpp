// Systems without a registry of services.
#include "os/service/service_registry.hpp"

namespace tunnel::os {

namespace {

const Error none{"this system has no service control manager", ""};

}  // namespace

Result<bool> add_service(const ServiceEntry&, bool (*)(const std::string&)) { return none; }
Result<bool> remove_service(const std::string&, bool (*)(const std::string&)) { return none; }

}  // namespace tunnel::os
