// Pending handshakes by age and network, and the order in which they are evicted.
#include "relay/handshake_limiter.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace tunnel {

namespace {

constexpr unsigned site = 64;  // the smallest network that a site gets (RFC 6177)

// Of a source and of the networks around it, which a site or an attacker gets just as easily.
std::span<const unsigned> prefixes(const config::Address& address) {
  static constexpr std::array<unsigned, 2> ipv4 = {32, 24};
  static constexpr std::array<unsigned, 3> ipv6 = {site, 56, 48};
  static constexpr std::array<unsigned, 1> loopback = {128};
  if (address.is_ipv4()) return std::span(ipv4).first(address.is_loopback() ? 1 : 2);
  if (address.is_loopback()) return loopback;
  return ipv6;
}

}  // namespace

config::Range HandshakeLimiter::source_of(const config::Address& address) {
  const unsigned prefix = prefixes(address).front();
  return {address.network(prefix), prefix};
}

double HandshakeLimiter::failures(const Network& source, Clock::time_point now) const {
  const double seconds = std::chrono::duration<double>(now - source.counted).count();
  return std::max(0.0, source.failures - seconds * limits_.decay);
}

bool HandshakeLimiter::admits(const config::Range& source, Clock::time_point now) const {
  const auto found = networks_.find(source);
  return found == networks_.end() || !found->second.bounded ||
         failures(found->second, now) + 1 <= limits_.failures;
}

HandshakeLimiter::Clock::duration HandshakeLimiter::silent_grace_left(Clock::time_point now) const {
  if (all_.silent.empty()) return Clock::duration::max();
  return limits_.silent_grace - (now - pending_.at(*all_.silent.begin()).since);
}

HandshakeLimiter::Clock::duration HandshakeLimiter::active_grace_left(Clock::time_point now) const {
  if (all_.active.empty()) return Clock::duration::max();
  return limits_.grace - (now - pending_.at(*all_.active.begin()).since);
}

bool HandshakeLimiter::is_suspicious(const Network& source) const {
  return source.bounded && source.pending.size() > limits_.suspicious;
}

std::optional<HandshakeLimiter::Clock::duration> HandshakeLimiter::full_for(
    Clock::time_point now) const {
  if (pending_.empty() || held() + 2 <= limits_.descriptors ||
      is_suspicious(*ranks_.rbegin()->source))
    return std::nullopt;
  const auto left = std::min(silent_grace_left(now), active_grace_left(now));
  return left.count() > 0 ? std::optional(left) : std::nullopt;
}

HandshakeLimiter::Id HandshakeLimiter::oldest(const Ages& ages, Id newcomer) const {
  for (const std::set<Id>* each : {&ages.silent, &ages.active})
    if (!each->empty() && *each->begin() != newcomer) return *each->begin();
  return 0;
}

HandshakeLimiter::Id HandshakeLimiter::oldest_beyond_grace(Clock::time_point now) const {
  if (silent_grace_left(now).count() <= 0) return *all_.silent.begin();
  return active_grace_left(now).count() <= 0 ? *all_.active.begin() : 0;
}

std::optional<HandshakeLimiter::Evicted> HandshakeLimiter::make_room(Clock::time_point now) {
  if (pending_.empty()) return std::nullopt;
  const Network& worst = *ranks_.rbegin()->source;
  const Id id = is_suspicious(worst) ? oldest(worst.pending, 0) : oldest_beyond_grace(now);
  if (id == 0) return std::nullopt;
  return evict(id, *pending_.at(id).networks.front(), false, now);
}

HandshakeLimiter::Network& HandshakeLimiter::network(const config::Range& range,
                                                     Clock::time_point now) {
  auto [found, fresh] = networks_.try_emplace(range, Network{range, true, {}, 0, now, {}});
  if (fresh) found->second.bounded = !range.first.is_loopback();
  return found->second;
}

HandshakeLimiter::Added HandshakeLimiter::add(const config::Address& address,
                                              Clock::time_point now) {
  Added out;
  out.id = ++last_;
  PendingHandshake& handshake = pending_[out.id];
  handshake.since = now;
  std::size_t level = 0;
  for (const unsigned prefix : prefixes(address)) {
    Network& around = network({address.network(prefix), prefix}, now);
    handshake.networks[level++] = &around;
  }
  Network& source = *handshake.networks.front();
  if (source.pending.size() > 0)
    ranks_.erase(rank_of(source));
  else if (source.failures > 0)
    idle_.erase(source.idle);
  for (Network* around : handshake.networks)
    if (around != nullptr) around->pending.silent.insert(out.id);
  all_.silent.insert(out.id);
  ranks_.insert(rank_of(source));

  const PendingHandshake added = handshake;
  if (source.bounded && source.pending.size() > limits_.each.front())
    out.evicted.push_back(evict(oldest(source.pending, out.id), source, true, now));
  // one that lends makes half the room that this one needs
  while (held() > limits_.descriptors) {
    const auto evicted = evict_for(out.id, added, now);
    if (!evicted) break;
    out.evicted.push_back(*evicted);
  }
  return out;
}

// Empty where there is no other.
std::optional<HandshakeLimiter::Evicted> HandshakeLimiter::evict_for(
    Id newcomer, const PendingHandshake& handshake, Clock::time_point now) {
  for (std::size_t level = 1; level < handshake.networks.size(); ++level) {
    const Network* around = handshake.networks[level];
    if (around == nullptr || around->pending.size() <= limits_.each[level]) continue;
    return evict(oldest(around->pending, newcomer), *around, true, now);
  }
  const Network& worst = *ranks_.rbegin()->source;
  Id id = is_suspicious(worst) ? oldest(worst.pending, newcomer) : oldest_beyond_grace(now);
  if (id == 0 || id == newcomer) id = oldest(all_, newcomer);
  if (id == 0) return std::nullopt;
  return evict(id, *pending_.at(id).networks.front(), false, now);
}

HandshakeLimiter::Id HandshakeLimiter::next_lender(Clock::time_point now) {
  const auto next = all_.silent.upper_bound(last_lender_);
  if (next == all_.silent.end() || now - pending_.at(*next).since < limits_.lends_after) return 0;
  last_lender_ = *next;
  ++lent_;
  return last_lender_;
}

std::optional<HandshakeLimiter::Evicted> HandshakeLimiter::on_first_byte(Id id,
                                                                         Clock::time_point now) {
  const auto found = pending_.find(id);
  if (found == pending_.end() || all_.silent.erase(id) == 0) return std::nullopt;
  if (id <= last_lender_) --lent_;
  all_.active.insert(id);
  for (Network* around : found->second.networks) {
    if (around == nullptr) continue;
    around->pending.silent.erase(id);
    around->pending.active.insert(id);
  }
  for (std::size_t level = 0; level < found->second.networks.size(); ++level) {
    const Network* around = found->second.networks[level];
    if (around == nullptr || !around->bounded ||
        around->pending.active.size() <= limits_.each[level])
      continue;
    return evict(*around->pending.active.begin(), *around, true, now);
  }
  if (all_.active.size() <= limits_.active) return std::nullopt;
  const std::set<Id>& worst = ranks_.rbegin()->source->pending.active;
  const bool suspicious = is_suspicious(*ranks_.rbegin()->source) && worst.size() > 1;
  const Id out = *(suspicious ? worst : all_.active).begin();
  return evict(out, *pending_.at(out).networks.front(), false, now);
}

std::optional<std::pair<config::Range, std::size_t>> HandshakeLimiter::largest_network() const {
  const Network* out = nullptr;
  for (const auto& [id, handshake] : pending_) {
    for (const Network* around : std::span(handshake.networks).subspan(1)) {
      // the narrowest of those that have the most
      if (around != nullptr && (out == nullptr || around->pending.size() > out->pending.size()))
        out = around;
    }
  }
  if (out == nullptr) return std::nullopt;
  return std::pair(out->range, out->pending.size());
}

HandshakeLimiter::Evicted HandshakeLimiter::evict(Id id, const Network& network, bool network_full,
                                                  Clock::time_point now) {
  const Evicted out{id, network.range, network.pending.size() - 1, network_full,
                    all_.silent.contains(id)};
  remove(id, 1, now);
  return out;
}

bool HandshakeLimiter::remove(Id id, double cost, Clock::time_point now) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return false;
  const PendingHandshake handshake = found->second;
  pending_.erase(found);
  if (id <= last_lender_ && all_.silent.contains(id)) --lent_;
  const auto forget = [id](Ages& ages) {
    if (ages.silent.erase(id) == 0) ages.active.erase(id);
  };
  forget(all_);
  Network& source = *handshake.networks.front();
  ranks_.erase(rank_of(source));
  for (Network* around : handshake.networks) {
    if (around == nullptr) continue;
    forget(around->pending);
    if (around != &source && around->pending.size() == 0)
      networks_.erase(config::Range(around->range));
  }
  source.failures = std::min(failures(source, now) + cost, limits_.failures);
  source.counted = now;
  if (source.pending.size() > 0)
    ranks_.insert(rank_of(source));
  else
    retire(source);
  return true;
}

HandshakeLimiter::Rank HandshakeLimiter::rank_of(Network& source) const {
  Id oldest = last_ + 1;
  for (const std::set<Id>* ages : {&source.pending.silent, &source.pending.active})
    if (!ages->empty()) oldest = std::min(oldest, *ages->begin());
  return {source.pending.size(), oldest, &source};
}

// It has no pending handshake any more: only its failures are worth remembering.
void HandshakeLimiter::retire(Network& source) {
  if (source.failures <= 0 || !source.bounded) {
    networks_.erase(config::Range(source.range));
    return;
  }
  source.idle = idle_.insert(idle_.end(), &source);
  const auto now = source.counted;
  while (idle_.size() > limits_.remembered || failures(*idle_.front(), now) <= 0) {
    const config::Range first = idle_.front()->range;
    idle_.pop_front();
    networks_.erase(first);
    if (idle_.empty()) return;
  }
}

}  // namespace tunnel
