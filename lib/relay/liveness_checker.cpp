// Repeats checks while peers owe an answer.
#include "relay/liveness_checker.hpp"

#include <algorithm>
#include <utility>

#include "relay/connection.hpp"

namespace tunnel {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// While more peers wait for a probe than the budget allows.
constexpr milliseconds soon{50};
// While peers owe an answer.
constexpr milliseconds later{1000};
// With so few peers, there may be none that shows whether the network works.
constexpr std::size_t few = 8;
constexpr std::size_t witnesses = 8;
constexpr seconds between_witnesses{2};

}  // namespace

LivenessChecker::LivenessChecker(Worker& worker, std::size_t probes)
    : worker_(worker), probes_(probes), timer_(worker.io.get_executor()) {}

void LivenessChecker::check(const Change& change) {
  if (worker_.relaying.empty()) return;
  if (change.address_gone) {
    net::LocalAddresses addresses(worker_.io.get_executor());
    for (Connection* connection : worker_.relaying) connection->check_addresses(addresses);
  }
  if (change.ask_everyone) {
    net::LocalAddresses addresses(worker_.io.get_executor());
    for (Connection* connection : worker_.relaying) connection->ask_peers(Clock::now(), addresses);
    sweep_begins_ = true;
  }
  run();
}

// A connection that is given up ends after this loop: the set doesn't change meanwhile.
void LivenessChecker::run() {
  const auto now = Clock::now();
  const std::chrono::duration<double> passed = now - std::exchange(last_run_, now);
  // an unused budget is not saved up
  const double rate = static_cast<double>(probes_);
  budget_ = std::min(budget_ + rate * passed.count(), std::max(1.0, rate / 10));
  net::LivenessRound round{.now = now, .stats = stats_};
  round.probe_again = std::max(later, milliseconds(1000 * asked_ / probes_));
  round.budget = static_cast<std::size_t>(budget_);
  round.few = remote_ <= few;
  const std::size_t before = round.budget;
  // peers come first only in a sweep
  if (std::exchange(sweep_begins_, false)) {
    round.urgent_only = true;
    for (Connection* connection : worker_.relaying) connection->check_peers(round);
    sweep_begins_ = round.starved;
    round.urgent_only = false;
    // the next pass counts these again
    round.remote = round.asked = 0;
  }
  for (Connection* connection : worker_.relaying) connection->check_peers(round);
  budget_ -= static_cast<double>(before - round.budget);
  asked_ = round.asked;
  remote_ = round.remote;
  if (round.wants_witness && now - last_witnesses_ >= between_witnesses) find_witnesses(now);
  if (asked_ > 0)
    timer_.start(round.starved ? soon : later, [this] { run(); });
  else
    timer_.stop();
}

// Other peers are probed before one is given up: where they don't answer either, the network is at
// fault.
void LivenessChecker::find_witnesses(Clock::time_point now) {
  last_witnesses_ = now;
  std::size_t found = 0;
  for (Connection* connection : worker_.relaying) {
    if (found == witnesses) return;
    if (connection->ask_witness(now)) ++found;
  }
}

}  // namespace tunnel
