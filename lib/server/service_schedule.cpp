// Two clocks, and the moments of the warnings and the end.
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

constexpr milliseconds warn_before[] = {minutes(5), minutes(1)};
// A laptop that sleeps past the closing time still runs the service this long after it wakes.
constexpr milliseconds longest_wait = seconds(10);

}  // namespace

ServiceSchedule::Now ServiceSchedule::now() {
  return {os::since_boot(), std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
}

ServiceSchedule::ServiceSchedule(const config::Service& settings, const Now& start)
    : start_(start.since_boot) {
  apply(settings, start);
}

void ServiceSchedule::apply(const config::Service& settings, const Now& now) {
  const bool changed = !matches(settings);
  open_for_ = settings.open_for;
  until_ = settings.until;
  if (changed && is_set()) last_left_ = left(now);
}

bool ServiceSchedule::matches(const config::Service& settings) const {
  return open_for_ == settings.open_for && until_.has_value() == settings.until.has_value() &&
         (!until_ || until_->at == settings.until->at);
}

milliseconds ServiceSchedule::left(const Now& now) const {
  return until_ ? until_->at - now.wall : start_ + open_for_ - now.since_boot;
}

ServiceSchedule::State ServiceSchedule::poll(const Now& now) {
  State out;
  const milliseconds left = this->left(now);
  out.expired = left.count() <= 0;
  if (out.expired) return out;
  out.next_poll = std::min(left, longest_wait);
  for (const milliseconds warn_at : warn_before) {
    // one warning stands for all that a sleep has skipped
    if (last_left_ > warn_at && left <= warn_at) out.warning = left;
    if (left > warn_at) out.next_poll = std::min(out.next_poll, left - warn_at);
  }
  last_left_ = left;
  return out;
}

std::string ServiceSchedule::text() const {
  return until_ ? fmt::format("until = {}", until_->text)
                : fmt::format("open_for = {}", duration_text(open_for_));
}

}  // namespace tunnel
