// The status line below the log on a terminal.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "log/log.hpp"
#include "relay/traffic_stats.hpp"

namespace tunnel::cmd {

// "2 connections open, 1.2 MB/s up, 48.1 MB/s down": from two readings of the counters.
std::string status_text(const Totals& before, const Totals& now, std::chrono::nanoseconds elapsed);

// Updates the status line on a thread of its own, and removes it at the end.
class StatusLine {
 public:
  // Both outlive it; `read_totals` is called on that thread.
  StatusLine(Log& log, std::function<Totals()> read_totals);
  ~StatusLine();
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

 private:
  void run();

  Log& log_;
  const std::function<Totals()> read_totals_;
  std::mutex mutex_;
  std::condition_variable ending_;
  bool ended_ = false;
  std::thread thread_;  // last: it uses the members above
};

// Whether standard error is a terminal; if so, makes the log draw on it.
bool draw_on_terminal(Log& log);

}  // namespace tunnel::cmd
