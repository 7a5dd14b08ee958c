// Beats, and what has happened between two of them.
#include "tunnel/health_monitor.hpp"

#include <fmt/format.h>
#include <asio/post.hpp>

#include <utility>

#include "base/memory_reserve.hpp"
#include "base/text.hpp"
#include "net/peer_liveness.hpp"
#include "os/clock.hpp"
#include "tunnel/connection.hpp"

namespace tunnel {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds every{2};
// A beat that comes so much too late was slept through, or the program was stopped meanwhile.
constexpr seconds slept{5};
// An address that has gone may come back, as when a laptop changes from one radio cell to another.
constexpr int grace_beats = 2;
// A machine whose routes flap does not probe all the time.
constexpr seconds between_jolts{30};

}  // namespace

HealthMonitor::HealthMonitor(const std::vector<std::unique_ptr<Worker>>& workers, Log& log,
                             Services& services)
    : workers_(workers),
      log_(log),
      services_(services),
      timer_(workers.front()->io.get_executor()) {}

void HealthMonitor::start() {
  last_beat_ = os::since_boot();
  timer_.start(every, [this] { beat(); });
}

void HealthMonitor::beat() {
  fill_memory_reserve();
  const milliseconds now = os::since_boot();
  const milliseconds away = now - std::exchange(last_beat_, now) - every;
  const os::NetworkChanges::Seen seen = network_.look();
  if (seen.way_changed) way_changed_ = true;
  bool addresses = false;
  if (until_addresses_ > 0) addresses = --until_addresses_ == 0;
  if (seen.address_gone && until_addresses_ == 0) until_addresses_ = grace_beats;
  bool jolted = false;
  if (away >= slept) {
    jolted = true;
    log_.write({LogLevel::info,
                "wake",
                "",
                0,
                fmt::format("back after {}: asking who is still there", duration_text(away)),
                {}});
  } else if (way_changed_ && Clock::now() - last_jolted_ >= between_jolts) {
    jolted = true;
    log_.write({LogLevel::debug,
                "network",
                "",
                0,
                "the network has changed: asking who is still there",
                {}});
  }
  if (jolted) {
    way_changed_ = false;
    last_jolted_ = Clock::now();
    services_.on_network_change();
  }
  if (services_.active() > 0) look(jolted, addresses);
  timer_.start(every, [this] { beat(); });
}

void HealthMonitor::look(bool jolted, bool addresses) {
  for (const auto& worker : workers_)
    asio::post(worker->io, [&worker = *worker, jolted, addresses] {
      net::OwnAddresses own(worker.io.get_executor());
      const net::Round round{Clock::now(), jolted, addresses ? &own : nullptr};
      // giving up does not end a connection before the loop is through: the set stays as it is
      for (Connection* connection : worker.connections) connection->look(round);
    });
}

}  // namespace tunnel
