// Messages to the service manager, and the pings that feed its watchdog.
#include "server/service_manager_notifier.hpp"

#include <asio/post.hpp>

#include <algorithm>

namespace tunnel {

namespace {

using std::chrono::milliseconds;

// Without a watchdog, only the line for people needs updates.
constexpr milliseconds longest_period{10'000};

milliseconds period_of(const os::ServiceManager& manager) {
  if (manager.watchdog().count() == 0) return longest_period;
  // half of it, as sd_watchdog_enabled(3) recommends
  return std::clamp(std::chrono::duration_cast<milliseconds>(manager.watchdog() / 2),
                    milliseconds(1), longest_period);
}

}  // namespace

ServiceManagerNotifier::ServiceManagerNotifier(const os::ServiceManager& manager,
                                               const std::vector<std::unique_ptr<Worker>>& workers,
                                               std::function<std::string()> status)
    : manager_(manager),
      workers_(workers),
      status_(std::move(status)),
      period_(period_of(manager)),
      timer_(workers.front()->io.get_executor()),
      answered_(workers.size(), true) {}

void ServiceManagerNotifier::ready() {
  if (!manager_.present()) return;
  last_status_ = status_();
  manager_.ready(last_status_);
  tick();
}

void ServiceManagerNotifier::reloading() const {
  if (manager_.present()) manager_.reloading("reading the configuration again");
}

void ServiceManagerNotifier::stopping(milliseconds limit) {
  if (!manager_.present()) return;
  last_status_ = status_();
  // resetting the last connections and exiting takes a moment more
  constexpr milliseconds moment{5000};
  manager_.stopping(last_status_, limit.count() == 0 ? limit : limit + moment);
}

void ServiceManagerNotifier::tick() {
  const bool watched = manager_.watchdog().count() != 0;
  const std::string status = status_();
  if (all_answered() && (watched || status != last_status_)) manager_.alive(last_status_ = status);
  if (watched) ping_workers();
  timer_.start(period_, [this] { tick(); });
}

bool ServiceManagerNotifier::all_answered() const {
  return std::all_of(answered_.begin(), answered_.end(), [](bool answered) { return answered; });
}

void ServiceManagerNotifier::ping_workers() {
  // the first is home, which runs this
  for (std::size_t i = 1; i < workers_.size(); ++i) {
    if (!answered_[i]) continue;  // the last ping is still queued
    answered_[i] = false;
    asio::post(workers_[i]->io, [this, i, &home = workers_.front()->io] {
      asio::post(home, [this, i] { answered_[i] = true; });
    });
  }
}

}  // namespace tunnel
