// The line of status below the log of a tunnel that somebody watches.
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

// "2 connections open, 1.2 MB/s up, 48.1 MB/s down": what has passed between two looks.
std::string status_text(const Totals& before, const Totals& now, std::chrono::nanoseconds between);

// Keeps it up to date on a thread of its own, and takes it away in the end.
class StatusLine {
 public:
  // Both outlive it; `look` is called on that thread.
  StatusLine(Log& log, std::function<Totals()> look);
  ~StatusLine();
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

 private:
  void run();

  Log& log_;
  const std::function<Totals()> look_;
  std::mutex mutex_;
  std::condition_variable ending_;
  bool ended_ = false;
  std::thread thread_;  // the last: it uses the others
};

// Whether somebody watches the log on standard error; from then on it is written for a terminal.
bool is_watched(Log& log);

}  // namespace tunnel::cmd
