// Beats, and what has happened between two of them.
#include "server/health_monitor.hpp"

#include <fmt/format.h>
#include <asio/post.hpp>

#include <utility>

#include "base/memory_reserve.hpp"
#include "base/text.hpp"
#include "os/process/clock.hpp"

namespace tunnel {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds every{2};
// A beat that comes so much too late was slept through, or the program was stopped meanwhile.
constexpr seconds sleep_at_least{5};
// An address that has gone may come back: a laptop changes from one radio cell to another, a VPN
// connects again, a lease is renewed. Beats.
constexpr int grace_beats = 10;
// A machine whose routes flap does not probe all the time.
constexpr seconds between_sweeps{30};
// Probes each second, by all workers together.
constexpr std::size_t probe_rate = 700;

}  // namespace

HealthMonitor::HealthMonitor(const std::vector<std::unique_ptr<Worker>>& workers, Log& log,
                             ServiceSet& services)
    : workers_(workers),
      log_(log),
      services_(services),
      timer_(workers.front()->io.get_executor()) {
  for (const auto& worker : workers_)
    checkers_.push_back(
        std::make_shared<LivenessChecker>(*worker, probe_rate / workers_.size() + 1));
}

void HealthMonitor::start() {
  last_beat_ = os::since_boot();
  timer_.start(every, [this] { beat(); });
}

bool HealthMonitor::slept() {
  const milliseconds now = os::since_boot();
  const milliseconds away = now - std::exchange(last_beat_, now) - every;
  if (away < sleep_at_least) return false;
  log_.info("wake",
            fmt::format("back after {}: checking that peers are still there", duration_text(away)));
  return true;
}

void HealthMonitor::beat() {
  fill_memory_reserve();
  LivenessChecker::Change change;
  change.ask_everyone = slept();
  const os::NetworkChanges::Seen seen = network_.look();
  if (seen.route_changed) route_changed_ = true;
  if (until_addresses_ > 0) change.address_gone = --until_addresses_ == 0;
  if (seen.address_gone && until_addresses_ == 0) until_addresses_ = grace_beats;
  if (!change.ask_everyone && route_changed_ && Clock::now() - last_asked_ >= between_sweeps) {
    change.ask_everyone = true;
    log_.debug("network", "the network has changed: checking that peers are still there");
  }
  if (change.ask_everyone) {
    route_changed_ = false;
    last_asked_ = Clock::now();
  }
  if (change.ask_everyone)
    services_.on_network_change();
  else if (change.address_gone)
    services_.on_address_gone();
  if (services_.active() > 0) check(change);
  timer_.start(every, [this] { beat(); });
}

void HealthMonitor::check(const LivenessChecker::Change& change) {
  for (std::size_t i = 0; i < workers_.size(); ++i)
    asio::post(workers_[i]->io, [checker = checkers_[i], change] { checker->check(change); });
}

}  // namespace tunnel
