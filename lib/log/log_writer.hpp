// Lines on their way to a sink: a bounded queue, and a thread that alone waits for the sink.
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

// For all threads. What the sink does not take in time or refuses is dropped and counted, and the
// count becomes a line as soon as it takes lines again.
class LogWriter {
 public:
  struct Limits {
    std::size_t bytes = 1 << 20;         // of lines that wait
    std::chrono::milliseconds pause{2};  // between two writes: a burst of lines becomes one
  };

  LogWriter(std::unique_ptr<LogSink> sink, Log::Settings settings)
      : LogWriter(std::move(sink), settings, Limits()) {}
  LogWriter(std::unique_ptr<LogSink> sink, Log::Settings settings, Limits limits);
  // Does not wait: what is in the queue still goes out, unless the program ends before.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  void change(Log::Settings settings);
  void write(const LogEvent& event);
  // The sink is a terminal: text is drawn by `lines` from now on.
  void draw_with(std::unique_ptr<TerminalLines> lines);
  // What stands there below all lines.
  void status(std::string_view text);
  // Takes that away until the next line or status.
  void lift();
  // The sink is refreshed anew before the next line.
  void reopen();
  // Whether all lines so far are out, or known not to come out, within that time.
  bool flush(std::chrono::milliseconds patience);
  // How many lines have not come out.
  std::uint64_t lost() const;

 private:
  struct Shared;
  void start();
  void draw(const std::string& bytes);
  static void run(const std::shared_ptr<Shared>& shared);

  // The thread may outlive the writer, where the sink hangs.
  const std::shared_ptr<Shared> shared_;
  std::thread thread_;  // from the first line on; under the lock of what is shared
};

}  // namespace tunnel
