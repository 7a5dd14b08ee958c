// Measures silence.
#include "relay/idle_watchdog.hpp"

#include <utility>

#include "base/text.hpp"
#include "os/net/socket.hpp"

namespace tunnel {

void IdleWatchdog::start() {
  limit_ = timeouts_.idle;
  touch();
  check();
}

void IdleWatchdog::use_close_timeout() {
  limit_ = timeouts_.close;
  touch();
  check();
}

void IdleWatchdog::check() {
  using std::chrono::milliseconds;
  if (limit_.count() == 0) return timer_.stop();
  const auto silent = std::chrono::duration_cast<milliseconds>(Clock::now() - last_activity_);
  // a slow reader may need long to make room for the next write
  if (silent >= limit_ && !queues_moved())
    return relay_.cut(limit_ == timeouts_.idle
                          ? "idle for " + duration_text(limit_) + ", so both sides were reset"
                          : "its last bytes found no reader for " + duration_text(limit_) +
                                ", so both sides were reset");
  timer_.start((silent < limit_ ? limit_ - silent : limit_ / 2) + milliseconds(1),
               [this] { check(); });
}

// Whether a peer's system has acknowledged something since the last call.
bool IdleWatchdog::queues_moved() {
  std::uint64_t mark = 0;
  for (net::Socket* socket : {&front_, &back_})
    if (socket->is_open())
      mark += os::send_queue(static_cast<os::NativeSocket>(socket->native_handle())).mark;
  return std::exchange(queued_, mark) != mark;
}

}  // namespace tunnel
