// The log: one line for each event, as text for people or JSON for collectors.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"

namespace tunnel {

class TerminalLines;

enum class LogLevel { error, warn, info, debug, trace };
enum class LogFormat { text, json };

std::string_view name_of(LogLevel level);

// One event. `message` is the whole text line's story; the fields go into JSON only. Whatever came
// from a peer must have been through escaped() in `message`; in fields it is escaped here.
struct LogEvent {
  using Value = JsonValue;

  LogLevel level = LogLevel::info;
  std::string_view event;        // "listening", "open", "close", "failed", ...
  std::string service = {};      // empty: the program itself
  std::uint64_t connection = 0;  // 0: no connection
  std::string message;
  std::vector<std::pair<std::string_view, Value>> fields = {};
};

// Safe to use from every thread. A failed write is dropped: logging never stops a tunnel.
class Log {
 public:
  struct Settings {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;
    bool time = false;
  };

  // Writes to `out`, which must outlive the log; standard error by default.
  explicit Log(Settings settings, std::FILE* out = stderr);
  // Appends to the file at `path`.
  static Result<std::unique_ptr<Log>> to_file(Settings settings, const std::string& path);
  ~Log();

  // From now on with these settings, and into that file, or where there is none to the log's first
  // sink. A file is opened anew, so that one that was moved away is begun again. Where that fails
  // nothing changes.
  Result<std::monostate> change(Settings settings, const std::optional<std::string>& path);

  bool shows(LogLevel level) const { return level <= level_.load(std::memory_order_relaxed); }
  void write(const LogEvent& event);

  // The first sink is a terminal: text that goes there is drawn by `lines` from now on.
  void draw_with(std::unique_ptr<TerminalLines> lines);
  // What stands there below all lines, while text goes there.
  void status(std::string_view text);

 private:
  bool on_terminal() const;
  void put(std::string_view bytes);

  std::atomic<LogLevel> level_;
  std::mutex mutex_;  // for all below
  Settings settings_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::FILE* const standard_;
  std::FILE* out_;
  std::unique_ptr<TerminalLines> terminal_;
};

// The line that write() would put out, without its line feed; `time` in RFC 3339, may be empty.
std::string log_line(const LogEvent& event, LogFormat format, std::string_view time);

}  // namespace tunnel
