// Writes lines to a sink on a thread of its own, through a bounded queue.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>

#include "log/log.hpp"
#include "log/log_sink.hpp"
#include "log/terminal_lines.hpp"

namespace tunnel {

// Thread-safe. Lines that the sink refuses or doesn't take in time are dropped and counted; a line
// reports the count as soon as the sink takes lines again.
class LogWriter {
 public:
  struct Limits {
    std::size_t bytes = 1 << 20;         // of queued lines
    std::chrono::milliseconds pause{2};  // between writes: a burst of lines becomes one write
  };

  LogWriter(std::unique_ptr<LogSink> sink, Log::Settings settings)
      : LogWriter(std::move(sink), settings, Limits()) {}
  LogWriter(std::unique_ptr<LogSink> sink, Log::Settings settings, Limits limits);
  // Doesn't wait: queued lines are still written, unless the program exits first.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  void change(Log::Settings settings);
  void write(const LogEvent& event);
  // For a sink that is a terminal: `lines` draws text from now on.
  void draw_with(std::unique_ptr<TerminalLines> lines);
  // Sets the status line below all lines.
  void status(std::string_view text);
  // Erases the status line until the next line or status.
  void erase_status();
  // Makes the sink reopen its file before the next line.
  void reopen();
  // Waits up to `patience` until every line so far is written or lost; false on timeout.
  bool flush(std::chrono::milliseconds patience);
  // The number of lost lines.
  std::uint64_t lost() const;

 private:
  struct Shared;
  void start();
  void draw(const std::string& bytes);
  static void run(const std::shared_ptr<Shared>& shared);

  // Shared with the thread, which outlives the writer if the sink hangs.
  const std::shared_ptr<Shared> shared_;
  std::thread thread_;  // started by the first line; guarded by the mutex of Shared
};

}  // namespace tunnel
