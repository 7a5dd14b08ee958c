// An event with a name, and a thread that waits for it.
#include <fmt/format.h>
#include <windows.h>

#include <thread>
#include <utility>

#include "os/service/reload_event.hpp"

namespace tunnel::os {

namespace {

class NamedEvent : public ReloadEvent {
 public:
  NamedEvent(std::string name, HANDLE wanted, HANDLE over, std::function<void()> asked)
      : name_(std::move(name)),
        wanted_(wanted),
        over_(over),
        thread_([this, asked = std::move(asked)] {
          const HANDLE both[] = {over_, wanted_};
          while (WaitForMultipleObjects(2, both, FALSE, INFINITE) == WAIT_OBJECT_0 + 1) asked();
        }) {}
  ~NamedEvent() override {
    SetEvent(over_);
    thread_.join();
    CloseHandle(wanted_);
    CloseHandle(over_);
  }
  NamedEvent(const NamedEvent&) = delete;
  NamedEvent& operator=(const NamedEvent&) = delete;

  std::string name() const override { return name_; }

 private:
  const std::string name_;
  const HANDLE wanted_;
  const HANDLE over_;
  std::thread thread_;
};

Error none(DWORD error) {
  return {fmt::format("no event can be made that asks for a reload: Windows says {}", error), ""};
}

}  // namespace

std::string_view how_to_reload() { return "by the event that the log names"; }

Result<std::unique_ptr<ReloadEvent>> ReloadEvent::listen(std::function<void()> asked) {
  // of all sessions: a service has one of its own
  std::string name = fmt::format("Global\\tunnel-{}-reload", GetCurrentProcessId());
  const HANDLE wanted = CreateEventA(nullptr, FALSE, FALSE, name.c_str());
  const DWORD error = GetLastError();
  if (wanted == nullptr) return none(error);
  if (error == ERROR_ALREADY_EXISTS) {
    // somebody else's, who would be let in
    CloseHandle(wanted);
    return none(error);
  }
  const HANDLE over = CreateEventA(nullptr, TRUE, FALSE, nullptr);
  if (over == nullptr) {
    const DWORD why = GetLastError();
    CloseHandle(wanted);
    return none(why);
  }
  return std::unique_ptr<ReloadEvent>(
      std::make_unique<NamedEvent>(std::move(name), wanted, over, std::move(asked)));
}

}  // namespace tunnel::os
