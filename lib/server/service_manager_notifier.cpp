// Messages to the service manager, and the beat of its watchdog.
#include "server/service_manager_notifier.hpp"

#include <asio/post.hpp>

#include <algorithm>

namespace tunnel {

namespace {

using std::chrono::milliseconds;

// Without a watchdog only the line for people is brought up to date.
constexpr milliseconds leisurely{10'000};

milliseconds period_of(const os::ServiceManager& manager) {
  if (manager.watchdog().count() == 0) return leisurely;
  // half of it, as sd_watchdog_enabled(3) recommends
  return std::clamp(std::chrono::duration_cast<milliseconds>(manager.watchdog() / 2),
                    milliseconds(1), leisurely);
}

}  // namespace

ServiceManagerNotifier::ServiceManagerNotifier(const os::ServiceManager& manager,
                                               const std::vector<std::unique_ptr<Worker>>& workers,
                                               std::function<std::string()> status)
    : manager_(manager),
      workers_(workers),
      status_(std::move(status)),
      period_(period_of(manager)),
      next_(workers.front()->io.get_executor()),
      answered_(workers.size(), true) {}

void ServiceManagerNotifier::ready() {
  if (!manager_.present()) return;
  last_ = status_();
  manager_.ready(last_);
  beat();
}

void ServiceManagerNotifier::reloading() const {
  if (manager_.present()) manager_.reloading("reading the configuration again");
}

void ServiceManagerNotifier::stopping(milliseconds patience) {
  if (!manager_.present()) return;
  last_ = status_();
  // what is left then is reset, and the program ends a moment later
  constexpr milliseconds moment{5000};
  manager_.stopping(last_, patience.count() == 0 ? patience : patience + moment);
}

void ServiceManagerNotifier::beat() {
  const bool watched = manager_.watchdog().count() != 0;
  const std::string status = status_();
  if (all_have_answered() && (watched || status != last_)) manager_.alive(last_ = status);
  if (watched) ask_workers();
  next_.start(period_, [this] { beat(); });
}

bool ServiceManagerNotifier::all_have_answered() const {
  return std::all_of(answered_.begin(), answered_.end(), [](bool answered) { return answered; });
}

void ServiceManagerNotifier::ask_workers() {
  // the first is home, and beats
  for (std::size_t i = 1; i < workers_.size(); ++i) {
    if (!answered_[i]) continue;  // the question of last time still waits
    answered_[i] = false;
    asio::post(workers_[i]->io, [this, i, &home = workers_.front()->io] {
      asio::post(home, [this, i] { answered_[i] = true; });
    });
  }
}

}  // namespace tunnel
