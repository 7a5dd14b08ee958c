// Ticks, and what has happened between two of them.
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

constexpr seconds period{2};
// A tick this late means that the machine slept, or that the program was stopped.
constexpr seconds shortest_sleep{5};
// In ticks. A lost address may come back: a laptop roams to another access point, a VPN reconnects,
// a lease is renewed.
constexpr int grace_ticks = 10;
// Limits probing on a machine whose routes flap.
constexpr seconds between_sweeps{30};
// Probes each second, of all workers together.
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
  last_tick_ = os::since_boot();
  timer_.start(period, [this] { tick(); });
}

bool HealthMonitor::slept() {
  const milliseconds now = os::since_boot();
  const milliseconds away = now - std::exchange(last_tick_, now) - period;
  if (away < shortest_sleep) return false;
  log_.info("wake",
            fmt::format("back after {}: checking that peers are still there", duration_text(away)));
  return true;
}

void HealthMonitor::tick() {
  fill_memory_reserve();
  LivenessChecker::Change change;
  change.ask_everyone = slept();
  const os::NetworkChanges::Changes seen = network_.poll();
  if (seen.route_changed) route_changed_ = true;
  if (grace_left_ > 0) change.address_gone = --grace_left_ == 0;
  if (seen.address_gone && grace_left_ == 0) grace_left_ = grace_ticks;
  if (!change.ask_everyone && route_changed_ && Clock::now() - last_sweep_ >= between_sweeps) {
    change.ask_everyone = true;
    log_.debug("network", "the network has changed: checking that peers are still there");
  }
  if (change.ask_everyone) {
    route_changed_ = false;
    last_sweep_ = Clock::now();
  }
  if (change.ask_everyone)
    services_.on_network_change();
  else if (change.address_gone)
    services_.on_address_gone();
  if (services_.active() > 0) check_connections(change);
  timer_.start(period, [this] { tick(); });
}

void HealthMonitor::check_connections(const LivenessChecker::Change& change) {
  for (std::size_t i = 0; i < workers_.size(); ++i)
    asio::post(workers_[i]->io, [checker = checkers_[i], change] { checker->check(change); });
}

}  // namespace tunnel
