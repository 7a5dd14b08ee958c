// Services by the service control manager of Windows.
#include <fmt/format.h>
#include <windows.h>

#include <array>
#include <memory>

#include "base/text.hpp"
#include "os/process/utf16_windows.hpp"
#include "os/service/event_log_windows.hpp"
#include "os/service/service_registry.hpp"

namespace tunnel::os {

namespace {

struct CloseService {
  void operator()(SC_HANDLE handle) const { CloseServiceHandle(handle); }
};
using Handle = std::unique_ptr<std::remove_pointer_t<SC_HANDLE>, CloseService>;

Error failure(const std::string& what) {
  const DWORD error = GetLastError();
  if (error == ERROR_ACCESS_DENIED)
    return {what + ": access is denied", "run it as an administrator"};
  return {fmt::format("{}: Windows says {}", what, error), ""};
}

Handle open_manager(DWORD rights) { return Handle(OpenSCManagerW(nullptr, nullptr, rights)); }

std::string description_of(SC_HANDLE service) {
  std::array<BYTE, 8192> out;  // the largest possible
  DWORD size = 0;
  if (QueryServiceConfig2W(service, SERVICE_CONFIG_DESCRIPTION, out.data(),
                           static_cast<DWORD>(out.size()), &size) == 0)
    return {};
  const wchar_t* text = reinterpret_cast<SERVICE_DESCRIPTIONW*>(out.data())->lpDescription;
  return text == nullptr ? std::string() : narrow(text);
}

// As Restart=on-failure does for systemd.
bool restart_after_failure(SC_HANDLE service) {
  constexpr DWORD pause = 2000;  // ms
  std::array<SC_ACTION, 3> actions;
  actions.fill({SC_ACTION_RESTART, pause});
  constexpr DWORD reset_period = 86400;  // s
  SERVICE_FAILURE_ACTIONSW failure{};
  failure.dwResetPeriod = reset_period;
  failure.cActions = static_cast<DWORD>(actions.size());
  failure.lpsaActions = actions.data();
  return ChangeServiceConfig2W(service, SERVICE_CONFIG_FAILURE_ACTIONS, &failure) != 0;
}

}  // namespace

Result<bool> add_service(const ServiceEntry& entry,
                         bool (*is_ours)(const std::string& description)) {
  const std::string cannot = fmt::format("the service {} cannot be made", escaped(entry.name));
  const Handle manager = open_manager(SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE);
  if (!manager) return failure(cannot);
  const std::wstring name = wide(entry.name);
  const std::wstring display = wide(entry.display);
  const std::wstring command = wide(command_line(entry.command));
  const std::wstring account = wide(entry.account);
  Handle service(CreateServiceW(manager.get(), name.c_str(), display.c_str(), SERVICE_ALL_ACCESS,
                                SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START, SERVICE_ERROR_NORMAL,
                                command.c_str(), nullptr, nullptr, nullptr, account.c_str(),
                                nullptr));
  if (!service) {
    if (GetLastError() != ERROR_SERVICE_EXISTS) return failure(cannot);
    service.reset(OpenServiceW(manager.get(), name.c_str(), SERVICE_ALL_ACCESS));
    if (!service) return failure(cannot);
    if (!is_ours(description_of(service.get()))) return false;
    if (ChangeServiceConfigW(service.get(), SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START,
                             SERVICE_ERROR_NORMAL, command.c_str(), nullptr, nullptr, nullptr,
                             account.c_str(), nullptr, display.c_str()) == 0)
      return failure(cannot);
  }
  std::wstring description = wide(entry.description);
  SERVICE_DESCRIPTIONW described{description.data()};
  if (ChangeServiceConfig2W(service.get(), SERVICE_CONFIG_DESCRIPTION, &described) == 0 ||
      !restart_after_failure(service.get()) || !add_event_source(entry.name))
    return failure(cannot);
  return true;
}

Result<bool> remove_service(const std::string& name,
                            bool (*is_ours)(const std::string& description)) {
  const std::string cannot = fmt::format("the service {} cannot be removed", escaped(name));
  const Handle manager = open_manager(SC_MANAGER_CONNECT);
  if (!manager) return failure(cannot);
  const Handle service(
      OpenServiceW(manager.get(), wide(name).c_str(),
                   SERVICE_QUERY_CONFIG | SERVICE_QUERY_STATUS | SERVICE_STOP | DELETE));
  if (!service) {
    if (GetLastError() == ERROR_SERVICE_DOES_NOT_EXIST)
      return Error{fmt::format("there is no service {}", escaped(name)), ""};
    return failure(cannot);
  }
  if (!is_ours(description_of(service.get()))) return false;
  SERVICE_STATUS ignored{};
  ControlService(service.get(), SERVICE_CONTROL_STOP, &ignored);  // fails if it is not running
  if (DeleteService(service.get()) == 0) return failure(cannot);
  remove_event_source(name);
  return true;
}

}  // namespace tunnel::os
