// The service control manager of Windows, if it started this program.
#include <windows.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "os/process/utf16_windows.hpp"
#include "os/service/event_log_windows.hpp"
#include "os/service/service_manager.hpp"

namespace tunnel::os {

namespace {

enum class Presence { unknown, absent, present };

// The callbacks of a service get no context, so this is global: a process is one service.
struct Control {
  std::mutex mutex;
  std::condition_variable changed;
  Presence presence = Presence::unknown;
  SERVICE_STATUS_HANDLE handle = nullptr;
  std::string name;
  SERVICE_STATUS status{};
  std::function<void(ServiceManager::Request)> handler;
  bool stopped = false;

  void report(DWORD state, std::chrono::milliseconds patience = {}) {
    status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
    status.dwCurrentState = state;
    status.dwControlsAccepted =
        state == SERVICE_RUNNING
            ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN | SERVICE_ACCEPT_PARAMCHANGE
            : 0;
    status.dwCheckPoint =
        state == SERVICE_RUNNING || state == SERVICE_STOPPED ? 0 : status.dwCheckPoint + 1;
    status.dwWaitHint = static_cast<DWORD>(patience.count());
    SetServiceStatus(handle, &status);
  }
};

Control& control() {
  static Control one;
  return one;
}

DWORD WINAPI on_control(DWORD what, DWORD, LPVOID, LPVOID) {
  const bool stop = what == SERVICE_CONTROL_STOP || what == SERVICE_CONTROL_SHUTDOWN;
  if (!stop && what != SERVICE_CONTROL_PARAMCHANGE)
    return what == SERVICE_CONTROL_INTERROGATE ? NO_ERROR : ERROR_CALL_NOT_IMPLEMENTED;
  const std::lock_guard lock(control().mutex);
  if (control().handler)
    control().handler(stop ? ServiceManager::Request::stop : ServiceManager::Request::reload);
  return NO_ERROR;
}

// Called by the manager on a thread of its own; returning means that the service has stopped.
void WINAPI begin(DWORD count, LPWSTR* words) {
  Control& c = control();
  std::unique_lock lock(c.mutex);
  if (count > 0) c.name = narrow(words[0]);
  // the name is ignored for a process with one service
  c.handle = RegisterServiceCtrlHandlerExW(L"", on_control, nullptr);
  c.presence = c.handle == nullptr ? Presence::absent : Presence::present;
  constexpr std::chrono::seconds to_start{30};
  if (c.handle != nullptr) c.report(SERVICE_START_PENDING, to_start);
  c.changed.notify_all();
  c.changed.wait(lock, [&c] { return c.stopped; });
}

// Returns at once if the manager did not start this program.
void listen_to_manager() {
  wchar_t no_name[] = L"";
  const SERVICE_TABLE_ENTRYW table[] = {{no_name, begin}, {nullptr, nullptr}};
  if (StartServiceCtrlDispatcherW(table) != 0) return;
  Control& c = control();
  const std::lock_guard lock(c.mutex);
  c.presence = Presence::absent;
  c.changed.notify_all();
}

}  // namespace

Result<ServiceManager> ServiceManager::from_environment() {
  Control& c = control();
  std::unique_lock lock(c.mutex);
  if (c.presence == Presence::unknown) {
    std::thread(listen_to_manager).detach();
    c.changed.wait(lock, [&c] { return c.presence != Presence::unknown; });
  }
  ServiceManager out;
  if (c.presence == Presence::present) out.notify_ = 0;
  return out;
}

ServiceManager::ServiceManager(ServiceManager&& other) noexcept
    : notify_(std::exchange(other.notify_, -1)) {}
ServiceManager& ServiceManager::operator=(ServiceManager&& other) noexcept {
  std::swap(notify_, other.notify_);
  return *this;
}

ServiceManager::~ServiceManager() {
  if (!present()) return;
  Control& c = control();
  const std::lock_guard lock(c.mutex);
  // stopping before it was ready is a failure
  if (c.status.dwCurrentState == SERVICE_START_PENDING) {
    c.status.dwWin32ExitCode = ERROR_SERVICE_SPECIFIC_ERROR;
    c.status.dwServiceSpecificExitCode = 1;
  }
  c.report(SERVICE_STOPPED);
  c.stopped = true;
  c.changed.notify_all();
}

std::unique_ptr<LogSink> ServiceManager::log() const {
  if (!present()) return nullptr;
  const std::lock_guard lock(control().mutex);
  return event_log(control().name);
}

void ServiceManager::on_request(std::function<void(Request)> handler) const {
  const std::lock_guard lock(control().mutex);
  control().handler = std::move(handler);
}

void ServiceManager::ready(std::string_view) const {
  const std::lock_guard lock(control().mutex);
  if (present()) control().report(SERVICE_RUNNING);
}

void ServiceManager::reloading(std::string_view) const {}

void ServiceManager::stopping(std::string_view, std::chrono::milliseconds patience) const {
  constexpr std::chrono::hours a_day{24};
  const std::lock_guard lock(control().mutex);
  if (present())
    control().report(
        SERVICE_STOP_PENDING,
        patience.count() == 0 ? a_day : std::min<std::chrono::milliseconds>(patience, a_day));
}

void ServiceManager::alive(std::string_view) const {}

ServiceManager ServiceManager::over(NativeSocket, const ServiceManager&) { return {}; }
std::vector<std::string> ServiceManager::environment() const { return {}; }
void ServiceManager::relay(const std::string&) const {}

}  // namespace tunnel::os
