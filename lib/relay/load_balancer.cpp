// Ejects targets, and orders the others.
#include "relay/load_balancer.hpp"

#include <algorithm>

namespace tunnel {

LoadBalancer::LoadBalancer(const config::Service& settings) { renew(settings); }

void LoadBalancer::renew(const config::Service& settings) {
  const std::lock_guard lock(mutex_);
  known_.clear();
  for (const config::SocketAddress& target : settings.connect) known_.push_back(target.text());
  const auto is_gone = [this](const auto& entry) {
    return std::ranges::count(known_, entry.first) == 0;
  };
  std::erase_if(ejected_, is_gone);
  std::erase_if(failed_, is_gone);
}

std::vector<config::SocketAddress> LoadBalancer::order(const config::Service& settings,
                                                       Clock::time_point now) {
  if (settings.connect.size() == 1) return settings.connect;
  const std::lock_guard lock(mutex_);
  std::vector<config::SocketAddress> out;
  std::vector<config::SocketAddress> last;
  for (const config::SocketAddress& target : settings.connect)
    (ejected_.contains(target.text()) ? last : out).push_back(target);
  arrange(out, settings.balance);
  arrange(last, settings.balance);
  // one at a time: a client that is sent to a dead target has to wait
  const auto due = std::ranges::find_if(last, [&](const config::SocketAddress& target) {
    return now >= ejected_.at(target.text()).until;
  });
  if (due != last.end()) {
    Ejection& ejection = ejected_.at(due->text());
    ejection.half_open = true;
    ejection.until = now + ejection.length;
    const config::SocketAddress half_open = *due;
    last.erase(due);
    const auto position = [&](const config::SocketAddress& target) {
      return std::ranges::find(settings.connect, target) - settings.connect.begin();
    };
    // without an order, any target may be tried first
    const auto before = settings.balance == config::Balance::order
                            ? std::ranges::find_if(out,
                                                   [&](const config::SocketAddress& target) {
                                                     return position(target) > position(half_open);
                                                   })
                            : out.begin();
    out.insert(before, half_open);
  }
  out.insert(out.end(), last.begin(), last.end());
  return out;
}

void LoadBalancer::arrange(std::vector<config::SocketAddress>& targets, config::Balance balance) {
  if (targets.size() < 2) return;
  switch (balance) {
    case config::Balance::order:
      return;
    case config::Balance::round_robin:
      std::rotate(targets.begin(),
                  targets.begin() + static_cast<std::ptrdiff_t>(next_++ % targets.size()),
                  targets.end());
      return;
    case config::Balance::random:
      std::ranges::shuffle(targets, random_);
      return;
  }
}

void LoadBalancer::on_failure(const config::SocketAddress& target, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const std::string name = target.text();
  // a reload may have removed it meanwhile; and a single target is never ejected
  if (std::ranges::count(known_, name) == 0) return;
  failed_[name] = now;
  if (known_.size() < 2) return;
  const auto [entry, first] = ejected_.try_emplace(name);
  Ejection& ejection = entry->second;
  // of concurrent failures only one counts
  if (!first && !ejection.half_open && now < ejection.until) return;
  ejection.length = first ? first_ejection : std::min(ejection.length * 2, longest_ejection);
  ejection.until = now + ejection.length;
  ejection.half_open = false;
}

void LoadBalancer::on_success(const config::SocketAddress& target) {
  const std::lock_guard lock(mutex_);
  if (!ejected_.empty()) ejected_.erase(target.text());
  if (!failed_.empty()) failed_.erase(target.text());
}

bool LoadBalancer::reachable(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(
      known_, [&](const std::string& target) { return !failed_lately(target, now); });
}

bool LoadBalancer::reachable(const config::SocketAddress& target, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  return !failed_lately(target.text(), now);
}

bool LoadBalancer::failed_lately(const std::string& target, Clock::time_point now) const {
  const auto failed = failed_.find(target);
  return failed != failed_.end() && now - failed->second <= longest_ejection;
}

void LoadBalancer::clear_ejections() {
  const std::lock_guard lock(mutex_);
  ejected_.clear();
  failed_.clear();
}

}  // namespace tunnel
