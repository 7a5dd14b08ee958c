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

// What JSON adds to the message.
using LogFields = std::vector<std::pair<std::string_view, JsonValue>>;

// One event. A text line shows `message` and no fields. Data from a peer must go through escaped()
// before it enters `message`; fields are escaped here.
struct LogEvent {
  using Value = JsonValue;

  LogLevel level = LogLevel::info;
  std::string_view event;        // "listening", "open", "close", "failed", ...
  std::string service = {};      // empty: the program
  std::uint64_t connection = 0;  // 0: no connection
  std::string message;
  LogFields fields = {};
};

// An error or a warning that recent() returns.
struct LogRecord {
  std::chrono::sys_time<std::chrono::milliseconds> at;
  LogLevel level = LogLevel::info;
  std::string service;
  std::uint64_t connection = 0;
  std::string message;
};

class LogSink;
class LogWriter;

// Thread-safe, and never waits for a sink: see LogWriter.
class Log {
 public:
  struct Settings {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;
    bool time = false;
    bool time_of_day = true;  // in place of `time`, on a terminal only
  };

  Log(Settings settings, std::unique_ptr<LogSink> first);
  // Flushes, for a bounded time.
  ~Log();

  // Switches to these settings and to that sink; null: to the first one.
  void change(Settings settings, std::unique_ptr<LogSink> file);
  // Starts a new file if the log's file was moved away.
  void reopen();
  // Returns whether every line so far was written within that time.
  bool flush(std::chrono::milliseconds patience);

  // How many lines the log has shown.
  struct Counts {
    std::uint64_t errors = 0;
    std::uint64_t warnings = 0;
    std::uint64_t lost = 0;  // of any level, and never written
  };
  Counts counts() const;
  // The last errors and warnings, newest first.
  std::vector<LogRecord> recent() const;

  bool shows(LogLevel level) const { return level <= level_.load(std::memory_order_relaxed); }

  // An event of the program; ServiceLog has the same verbs for a service.
  void error(std::string_view event, std::string message, LogFields fields = {});
  void warn(std::string_view event, std::string message, LogFields fields = {});
  void info(std::string_view event, std::string message, LogFields fields = {});
  void debug(std::string_view event, std::string message, LogFields fields = {});
  void write(const LogEvent& event);

  // The first sink is a terminal: `lines` draws what is written to it from now on.
  void draw_with(std::unique_ptr<TerminalLines> lines);
  // Sets the status row below the lines, while the log goes to that terminal.
  void status(std::string_view text);

 private:
  std::shared_ptr<LogWriter> writer() const;
  void remember(const LogEvent& event);

  std::atomic<LogLevel> level_;
  mutable std::mutex mutex_;  // guards everything below
  const std::shared_ptr<LogWriter> first_;
  std::shared_ptr<LogWriter> file_;  // replaces the first, unless null
  Counts counts_;                    // `lost` counts those of earlier writers only
  std::deque<LogRecord> recent_;
};

// The text of a line, without its time and level: "vnc#1: closed by the client".
std::string log_text(const LogEvent& event);

// The line that write() writes, without its line feed; `time` is RFC 3339 or empty.
std::string log_line(const LogEvent& event, LogFormat format, std::string_view time);

}  // namespace tunnel
