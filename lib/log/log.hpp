// The log: one line for each event, as text for people or JSON for collectors.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// An event as it is remembered.
struct LogRecord {
  std::chrono::sys_time<std::chrono::milliseconds> at;
  LogLevel level = LogLevel::info;
  std::string service;
  std::uint64_t connection = 0;
  std::string message;
};

class LogSink;
class LogWriter;

// Safe to use from every thread, and never waits for a sink: see LogWriter.
class Log {
 public:
  struct Settings {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;
    bool time = false;
  };

  Log(Settings settings, std::unique_ptr<LogSink> first);
  // Waits for what is not out yet, for a bounded time.
  ~Log();

  // From now on with these settings, and into that file, or where it is null to the first sink.
  void change(Settings settings, std::unique_ptr<LogSink> file);
  // A file that was moved away is begun again.
  void reopen();
  // Whether all lines so far are out within that time.
  bool flush(std::chrono::milliseconds patience);

  // What the log has shown of these.
  struct Counts {
    std::uint64_t errors = 0;
    std::uint64_t warnings = 0;
    std::uint64_t lost = 0;  // lines of any level that did not come out
  };
  Counts counts() const;
  // The last errors and warnings, the newest first.
  std::vector<LogRecord> recent() const;

  bool shows(LogLevel level) const { return level <= level_.load(std::memory_order_relaxed); }
  void write(const LogEvent& event);

  // The first sink is a terminal: text that goes there is drawn by `lines` from now on.
  void draw_with(std::unique_ptr<TerminalLines> lines);
  // What stands there below all lines, while text goes there.
  void status(std::string_view text);

 private:
  std::shared_ptr<LogWriter> writer() const;
  void remember(const LogEvent& event);

  std::atomic<LogLevel> level_;
  mutable std::mutex mutex_;  // for all below
  const std::shared_ptr<LogWriter> first_;
  std::shared_ptr<LogWriter> file_;  // takes its place, where there is one
  Counts counts_;                    // those lost are those of writers that are gone
  std::deque<LogRecord> recent_;
};

// The line that write() would put out, without its line feed; `time` in RFC 3339, may be empty.
std::string log_line(const LogEvent& event, LogFormat format, std::string_view time);

}  // namespace tunnel
