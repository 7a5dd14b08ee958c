// Two clocks, and the moments at which something is to be said or done.
#include "server/service_schedule.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "os/process/clock.hpp"

namespace tunnel {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr milliseconds ahead[] = {minutes(5), minutes(1)};
// No longer than this does a laptop that wakes up go on with what should have ended in its sleep.
constexpr milliseconds longest_wait = seconds(10);

}  // namespace

ServiceSchedule::Now ServiceSchedule::now() {
  return {os::since_boot(), std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
}

ServiceSchedule::ServiceSchedule(const config::Service& settings, const Now& start)
    : start_(start.since_boot) {
  renew(settings, start);
}

void ServiceSchedule::renew(const config::Service& settings, const Now& now) {
  const bool changed = !same(settings);
  open_for_ = settings.open_for;
  until_ = settings.until;
  if (changed && set()) last_left_ = left(now);
}

bool ServiceSchedule::same(const config::Service& settings) const {
  return open_for_ == settings.open_for && until_.has_value() == settings.until.has_value() &&
         (!until_ || until_->at == settings.until->at);
}

milliseconds ServiceSchedule::left(const Now& now) const {
  return until_ ? until_->at - now.wall : start_ + open_for_ - now.since_boot;
}

ServiceSchedule::Look ServiceSchedule::look(const Now& now) {
  Look out;
  const milliseconds left = this->left(now);
  out.over = left.count() <= 0;
  if (out.over) return out;
  out.again = std::min(left, longest_wait);
  for (const milliseconds warn_at : ahead) {
    // one word for all that a sleep has skipped
    if (last_left_ > warn_at && left <= warn_at) out.warning = left;
    if (left > warn_at) out.again = std::min(out.again, left - warn_at);
  }
  last_left_ = left;
  return out;
}

std::string ServiceSchedule::text() const {
  return until_ ? fmt::format("until = {}", until_->text)
                : fmt::format("open_for = {}", duration_text(open_for_));
}

}  // namespace tunnel
