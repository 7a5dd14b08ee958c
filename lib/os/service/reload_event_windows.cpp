// A named event, and a thread that waits for it.
#include <fmt/format.h>
#include <windows.h>

#include <thread>
#include <utility>

#include "os/service/reload_event.hpp"

namespace tunnel::os {

namespace {

class NamedEvent : public ReloadEvent {
 public:
  NamedEvent(std::string name, HANDLE reload, HANDLE stop, std::function<void()> on_reload)
      : name_(std::move(name)),
        reload_(reload),
        stop_(stop),
        thread_([this, on_reload = std::move(on_reload)] {
          const HANDLE both[] = {stop_, reload_};
          while (WaitForMultipleObjects(2, both, FALSE, INFINITE) == WAIT_OBJECT_0 + 1) on_reload();
        }) {}
  ~NamedEvent() override {
    SetEvent(stop_);
    thread_.join();
    CloseHandle(reload_);
    CloseHandle(stop_);
  }
  NamedEvent(const NamedEvent&) = delete;
  NamedEvent& operator=(const NamedEvent&) = delete;

  std::string name() const override { return name_; }

 private:
  const std::string name_;
  const HANDLE reload_;
  const HANDLE stop_;
  std::thread thread_;
};

Error none(DWORD error) {
  return {fmt::format("no event can be made that asks for a reload: Windows says {}", error), ""};
}

}  // namespace

std::string_view how_to_reload() { return "by the event that the log names"; }

Result<std::unique_ptr<ReloadEvent>> ReloadEvent::listen(std::function<void()> on_reload) {
  // visible in all sessions: a service has a session of its own
  std::string name = fmt::format("Global\\tunnel-{}-reload", GetCurrentProcessId());
  const HANDLE reload = CreateEventA(nullptr, FALSE, FALSE, name.c_str());
  const DWORD error = GetLastError();
  if (reload == nullptr) return none(error);
  if (error == ERROR_ALREADY_EXISTS) {
    // another program created it, and could set it
    CloseHandle(reload);
    return none(error);
  }
  const HANDLE stop = CreateEventA(nullptr, TRUE, FALSE, nullptr);
  if (stop == nullptr) {
    const DWORD why = GetLastError();
    CloseHandle(reload);
    return none(why);
  }
  return std::unique_ptr<ReloadEvent>(
      std::make_unique<NamedEvent>(std::move(name), reload, stop, std::move(on_reload)));
}

}  // namespace tunnel::os
