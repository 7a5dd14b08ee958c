// Reads the counters once a second.
#include "cmd/commands/status_line.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "base/text.hpp"
#include "cmd/cli/environment_variables.hpp"
#include "log/terminal_lines.hpp"
#include "os/terminal/colours.hpp"
#include "os/terminal/terminal.hpp"

namespace tunnel::cmd {

std::string status_text(const Totals& before, const Totals& now, std::chrono::nanoseconds elapsed) {
  return fmt::format("{} connection{} open, {} up, {} down", now.open, now.open == 1 ? "" : "s",
                     rate_text(now.up - before.up, elapsed),
                     rate_text(now.down - before.down, elapsed));
}

StatusLine::StatusLine(Log& log, std::function<Totals()> read_totals)
    : log_(log), read_totals_(std::move(read_totals)), thread_([this] { run(); }) {}

StatusLine::~StatusLine() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ending_.notify_one();
  thread_.join();
  log_.status({});
}

void StatusLine::run() {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::seconds pause{1};
  Totals before = read_totals_();
  Clock::time_point then = Clock::now();
  std::unique_lock lock(mutex_);
  log_.status(" " + status_text(before, before, pause));
  while (!ending_.wait_for(lock, pause, [this] { return ended_; })) {
    const Totals now = read_totals_();
    const Clock::time_point read_at = Clock::now();
    // the cursor rests on the leading blank
    log_.status(" " + status_text(before, now, read_at - then));
    before = now;
    then = read_at;
  }
}

bool draw_on_terminal(Log& log) {
  if (!os::shows_colours(stderr)) return false;
  os::time_of_day();  // the sandbox hides the file of the time zone
  log.draw_with(std::make_unique<TerminalLines>(
      wants_colours(), [] { return os::columns(stderr); }, os::time_of_day));
  return true;
}

}  // namespace tunnel::cmd
