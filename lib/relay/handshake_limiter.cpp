// Lists of pending handshakes, and the order in which they are evicted.
#include "relay/handshake_limiter.hpp"

#include <algorithm>

namespace tunnel {

config::Address HandshakeLimiter::source_of(const config::Address& address) {
  constexpr unsigned site = 64;  // the smallest network that a site gets (RFC 6177)
  return address.is_ipv4() || address.is_loopback() ? address : address.network(site);
}

double HandshakeLimiter::failures(const Source& source, Clock::time_point now) const {
  const double seconds = std::chrono::duration<double>(now - source.counted).count();
  return std::max(0.0, source.failures - seconds * limits_.decay);
}

bool HandshakeLimiter::admits(const config::Address& source, Clock::time_point now) const {
  const auto found = sources_.find(source);
  return found == sources_.end() || !found->second.bounded ||
         failures(found->second, now) + 1 <= limits_.failures;
}

std::optional<HandshakeLimiter::Clock::duration> HandshakeLimiter::full_for(
    Clock::time_point now) const {
  if (pending_.size() < limits_.all) return std::nullopt;
  const auto left = grace_left(now);
  return left.count() > 0 ? std::optional(left) : std::nullopt;
}

HandshakeLimiter::Clock::duration HandshakeLimiter::grace_left(Clock::time_point now) const {
  const Source& worst = *ranks_.rbegin()->source;
  if (worst.bounded && worst.pending.size() > limits_.suspicious) return Clock::duration::zero();
  return limits_.grace - (now - worst.pending.front().since);
}

std::optional<HandshakeLimiter::Added> HandshakeLimiter::make_room(Clock::time_point now) {
  if (pending_.empty() || grace_left(now).count() > 0) return std::nullopt;
  Added out;
  evict(*ranks_.rbegin()->source, now, out);
  return out;
}

HandshakeLimiter::Added HandshakeLimiter::add(const config::Address& address,
                                              Clock::time_point now) {
  auto [found, fresh] = sources_.try_emplace(address, Source{address, true, {}, 0, now, {}});
  Source& source = found->second;
  if (fresh)
    source.bounded = !address.is_loopback();
  else if (source.pending.empty())
    idle_.erase(source.idle);

  Added out;
  unrank(source);
  out.id = ++last_;
  source.pending.push_back({out.id, now, &source});
  pending_.emplace(out.id, std::prev(source.pending.end()));
  rank(source);
  if (source.bounded && source.pending.size() > limits_.each) {
    out.source_full = true;
    evict(source, now, out);
  } else if (pending_.size() > limits_.all) {
    evict(*ranks_.rbegin()->source, now, out);
  }
  return out;
}

void HandshakeLimiter::evict(Source& source, Clock::time_point now, Added& added) {
  const auto oldest = source.pending.begin();
  added.evicted = oldest->id;
  added.of_source = source.pending.size() - 1;
  remove(oldest, true, now);
}

bool HandshakeLimiter::remove(Id id, bool failed, Clock::time_point now) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return false;
  remove(found->second, failed, now);
  return true;
}

void HandshakeLimiter::remove(std::list<PendingHandshake>::iterator handshake, bool failed,
                              Clock::time_point now) {
  Source& source = *handshake->source;
  unrank(source);
  pending_.erase(handshake->id);
  source.pending.erase(handshake);
  source.failures = std::min(failures(source, now) + (failed ? 1 : 0), limits_.failures);
  source.counted = now;
  rank(source);
  if (source.pending.empty()) retire(source);
}

void HandshakeLimiter::rank(Source& source) {
  if (!source.pending.empty())
    ranks_.insert({source.pending.size(), source.pending.front().id, &source});
}

void HandshakeLimiter::unrank(Source& source) {
  if (!source.pending.empty())
    ranks_.erase({source.pending.size(), source.pending.front().id, &source});
}

// It has no pending handshake any more: only its failures are worth remembering.
void HandshakeLimiter::retire(Source& source) {
  if (source.failures <= 0 || !source.bounded) {
    sources_.erase(sources_.find(source.address));
    return;
  }
  source.idle = idle_.insert(idle_.end(), &source);
  const auto now = source.counted;
  while (idle_.size() > limits_.remembered || failures(*idle_.front(), now) <= 0) {
    const config::Address first = idle_.front()->address;
    idle_.pop_front();
    sources_.erase(first);
    if (idle_.empty()) return;
  }
}

}  // namespace tunnel
