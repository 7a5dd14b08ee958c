// Events by ReportEvent.
#include "os/service/event_log_windows.hpp"

#include <fmt/format.h>
#include <windows.h>

#include <algorithm>
#include <optional>

#include "log/syslog_message.hpp"
#include "os/process/utf16_windows.hpp"

namespace tunnel::os {

namespace {

class EventLog : public LogSink {
 public:
  explicit EventLog(HANDLE source) : source_(source) {}
  ~EventLog() override { DeregisterEventSource(source_); }

  // The first character of a line is its severity.
  std::optional<std::string> encode(const LogEvent& event, LogFormat format) const override {
    return fmt::format("{}{}", severity_of(event.level), syslog_text(event, format));
  }

  Written write(std::string_view lines) override {
    Written out;
    while (out.bytes < lines.size()) {
      const std::size_t end = std::min(lines.find('\n', out.bytes), lines.size());
      if (!report(lines.substr(out.bytes, end - out.bytes))) {
        out.why = fmt::format("the Event Log refuses them: Windows says {}", GetLastError());
        break;
      }
      out.bytes = std::min(end + 1, lines.size());
    }
    return out;
  }

 private:
  bool report(std::string_view line) const {
    const bool error = line.starts_with('3');
    if (!error && !line.starts_with('4')) return true;
    constexpr std::size_t longest = 30'000;  // below the system's limit
    const std::wstring text = wide(std::string(cut_utf8(line.substr(1), longest)));
    const wchar_t* strings[] = {text.c_str()};
    constexpr DWORD id = 1;
    return ReportEventW(source_, error ? EVENTLOG_ERROR_TYPE : EVENTLOG_WARNING_TYPE, 0, id,
                        nullptr, 1, 0, strings, nullptr) != 0;
  }

  const HANDLE source_;
};

std::wstring key_of(const std::string& service) {
  return wide("SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\" + service);
}

bool set_value(HKEY key, const wchar_t* name, DWORD type, const void* value, std::size_t size) {
  const LSTATUS error =
      RegSetValueExW(key, name, 0, type, static_cast<const BYTE*>(value), static_cast<DWORD>(size));
  SetLastError(static_cast<DWORD>(error));
  return error == ERROR_SUCCESS;
}

}  // namespace

std::unique_ptr<LogSink> event_log(const std::string& service) {
  const HANDLE source = RegisterEventSourceW(nullptr, wide(service).c_str());
  if (source == nullptr) return nullptr;
  return std::make_unique<EventLog>(source);
}

bool add_event_source(const std::string& service) {
  HKEY key = nullptr;
  const LSTATUS error = RegCreateKeyExW(HKEY_LOCAL_MACHINE, key_of(service).c_str(), 0, nullptr, 0,
                                        KEY_SET_VALUE, nullptr, &key, nullptr);
  SetLastError(static_cast<DWORD>(error));
  if (error != ERROR_SUCCESS) return false;
  // a program of Windows whose messages 1 to 1000 are the event's string alone
  static constexpr wchar_t messages[] = L"%SystemRoot%\\System32\\EventCreate.exe";
  constexpr DWORD types = EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE | EVENTLOG_INFORMATION_TYPE;
  const bool done = set_value(key, L"EventMessageFile", REG_EXPAND_SZ, messages, sizeof messages) &&
                    set_value(key, L"TypesSupported", REG_DWORD, &types, sizeof types);
  RegCloseKey(key);
  return done;
}

void remove_event_source(const std::string& service) {
  RegDeleteKeyW(HKEY_LOCAL_MACHINE, key_of(service).c_str());
}

}  // namespace tunnel::os
