// Measures silence.
#include "relay/idle_watchdog.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "os/net/socket.hpp"

namespace tunnel {

void IdleWatchdog::start() {
  touch();
  started_ = last_activity_;
  check();
}

void IdleWatchdog::use_close_timeout() {
  phase_ = Phase::closing;
  touch();
  check();
}

std::chrono::milliseconds IdleWatchdog::limit() const {
  switch (phase_) {
    case Phase::unused:
      if (timeouts_.unused.count() == 0) return timeouts_.idle;
      return timeouts_.idle.count() == 0 ? timeouts_.unused
                                         : std::min(timeouts_.idle, timeouts_.unused);
    case Phase::closing:
      return timeouts_.close;
    case Phase::in_use:
      break;
  }
  return timeouts_.idle;
}

std::string IdleWatchdog::reason() const {
  const std::string time = duration_text(limit());
  switch (phase_) {
    case Phase::unused:
      if (limit() == timeouts_.idle) break;
      return "neither side has sent a byte for " + time + ", so both sides were reset";
    case Phase::closing:
      return "its last bytes found no reader for " + time + ", so both sides were reset";
    case Phase::in_use:
      break;
  }
  return "idle for " + time + ", so both sides were reset";
}

void IdleWatchdog::check() {
  using std::chrono::milliseconds;
  if (phase_ == Phase::unused && last_activity_ > started_) phase_ = Phase::in_use;
  const milliseconds limit = this->limit();
  if (limit.count() == 0) return timer_.stop();
  const auto silent = std::chrono::duration_cast<milliseconds>(Clock::now() - last_activity_);
  // a slow reader may need long to make room for the next write
  if (silent >= limit && !queues_moved()) return relay_.cut(reason());
  timer_.start((silent < limit ? limit - silent : limit / 2) + milliseconds(1),
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
