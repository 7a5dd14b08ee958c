// Rests of targets, and their order.
#include "relay/load_balancer.hpp"

#include <algorithm>

namespace tunnel {

LoadBalancer::LoadBalancer(const config::Service& settings) { renew(settings); }

void LoadBalancer::renew(const config::Service& settings) {
  const std::lock_guard lock(mutex_);
  known_.clear();
  for (const config::HostPort& target : settings.connect) known_.push_back(target.text());
  std::erase_if(resting_,
                [this](const auto& entry) { return std::ranges::count(known_, entry.first) == 0; });
}

std::vector<config::HostPort> LoadBalancer::order(const config::Service& settings,
                                                  Clock::time_point now) {
  if (settings.connect.size() == 1) return settings.connect;
  const std::lock_guard lock(mutex_);
  std::vector<config::HostPort> out;
  std::vector<config::HostPort> last;
  for (const config::HostPort& target : settings.connect)
    (resting_.contains(target.text()) ? last : out).push_back(target);
  arrange(out, settings.balance);
  arrange(last, settings.balance);
  // one at a time: a client that comes to a dead target has to wait for it
  const auto due = std::ranges::find_if(last, [&](const config::HostPort& target) {
    return now >= resting_.at(target.text()).until;
  });
  if (due != last.end()) {
    Rest& rest = resting_.at(due->text());
    rest.on_trial = true;
    rest.until = now + rest.length;
    const config::HostPort on_trial = *due;
    last.erase(due);
    const auto place = [&](const config::HostPort& target) {
      return std::ranges::find(settings.connect, target) - settings.connect.begin();
    };
    // where there is no order, any target may be tried first
    const auto before = settings.balance == config::Balance::order
                            ? std::ranges::find_if(out,
                                                   [&](const config::HostPort& target) {
                                                     return place(target) > place(on_trial);
                                                   })
                            : out.begin();
    out.insert(before, on_trial);
  }
  out.insert(out.end(), last.begin(), last.end());
  return out;
}

void LoadBalancer::arrange(std::vector<config::HostPort>& targets, config::Balance balance) {
  if (targets.size() < 2) return;
  switch (balance) {
    case config::Balance::order:
      return;
    case config::Balance::round_robin:
      std::rotate(targets.begin(),
                  targets.begin() + static_cast<std::ptrdiff_t>(turn_++ % targets.size()),
                  targets.end());
      return;
    case config::Balance::random:
      std::ranges::shuffle(targets, random_);
      return;
  }
}

void LoadBalancer::failed(const config::HostPort& target, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const std::string name = target.text();
  // a reload may have taken it away meanwhile; and alone it has nothing to be behind
  if (known_.size() < 2 || std::ranges::count(known_, name) == 0) return;
  const auto [entry, first] = resting_.try_emplace(name);
  Rest& rest = entry->second;
  // of those who tried it at the same time one counts
  if (!first && !rest.on_trial && now < rest.until) return;
  rest.length = first ? first_rest : std::min(rest.length * 2, longest_rest);
  rest.until = now + rest.length;
  rest.on_trial = false;
}

void LoadBalancer::reached(const config::HostPort& target) {
  const std::lock_guard lock(mutex_);
  if (!resting_.empty()) resting_.erase(target.text());
}

void LoadBalancer::forget() {
  const std::lock_guard lock(mutex_);
  resting_.clear();
}

}  // namespace tunnel
