// Looking at the counters once a second.
#include "cmd/commands/status_line.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "base/text.hpp"
#include "cmd/cli/environment.hpp"
#include "log/terminal_lines.hpp"
#include "os/terminal/colours.hpp"
#include "os/terminal/terminal.hpp"

namespace tunnel::cmd {

namespace {

std::string rate_text(std::uint64_t bytes, std::chrono::nanoseconds between) {
  const double seconds = std::chrono::duration<double>(between).count();
  const double rate = seconds > 0 ? static_cast<double>(bytes) / seconds : 0;
  return bytes_text(static_cast<std::uint64_t>(rate)) + "/s";
}

}  // namespace

std::string status_text(const Totals& before, const Totals& now, std::chrono::nanoseconds between) {
  return fmt::format("{} connection{} open, {} up, {} down", now.open, now.open == 1 ? "" : "s",
                     rate_text(now.up - before.up, between),
                     rate_text(now.down - before.down, between));
}

StatusLine::StatusLine(Log& log, std::function<Totals()> look)
    : log_(log), look_(std::move(look)), thread_([this] { run(); }) {}

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
  Totals before = look_();
  Clock::time_point then = Clock::now();
  std::unique_lock lock(mutex_);
  log_.status(" " + status_text(before, before, pause));
  while (!ending_.wait_for(lock, pause, [this] { return ended_; })) {
    const Totals now = look_();
    const Clock::time_point looked = Clock::now();
    // the cursor waits on the blank
    log_.status(" " + status_text(before, now, looked - then));
    before = now;
    then = looked;
  }
}

bool is_watched(Log& log) {
  if (!os::shows_colours(stderr)) return false;
  log.draw_with(
      std::make_unique<TerminalLines>(wants_colours(), [] { return os::columns(stderr); }));
  return true;
}

}  // namespace tunnel::cmd
