// Lists of guests, and the order in which they have to go.
#include "relay/handshake_limiter.hpp"

#include <algorithm>

namespace tunnel {

config::Address HandshakeLimiter::source_of(const config::Address& address) {
  constexpr unsigned site = 64;  // the least that a network gives a host (RFC 6177)
  return address.is_ipv4() || address.is_loopback() ? address : address.network(site);
}

double HandshakeLimiter::failures(const Source& source, Clock::time_point now) const {
  const double seconds = std::chrono::duration<double>(now - source.counted).count();
  return std::max(0.0, source.failures - seconds * limits_.forgiven);
}

bool HandshakeLimiter::admits(const config::Address& source, Clock::time_point now) const {
  const auto found = sources_.find(source);
  return found == sources_.end() || !found->second.bounded ||
         failures(found->second, now) + 1 <= limits_.failures;
}

std::optional<HandshakeLimiter::Clock::duration> HandshakeLimiter::full_for(
    Clock::time_point now) const {
  if (guests_.size() < limits_.all) return std::nullopt;
  const auto left = peace(now);
  return left.count() > 0 ? std::optional(left) : std::nullopt;
}

HandshakeLimiter::Clock::duration HandshakeLimiter::peace(Clock::time_point now) const {
  const Source& worst = *ranks_.rbegin()->source;
  if (worst.bounded && worst.guests.size() > limits_.suspicious) return Clock::duration::zero();
  return limits_.patience - (now - worst.guests.front().since);
}

std::optional<HandshakeLimiter::Entered> HandshakeLimiter::make_room(Clock::time_point now) {
  if (guests_.empty() || peace(now).count() > 0) return std::nullopt;
  Entered out;
  put_out(*ranks_.rbegin()->source, now, out);
  return out;
}

HandshakeLimiter::Entered HandshakeLimiter::enter(const config::Address& address,
                                                  Clock::time_point now) {
  auto [found, fresh] = sources_.try_emplace(address, Source{address, true, {}, 0, now, {}});
  Source& source = found->second;
  if (fresh)
    source.bounded = !address.is_loopback();
  else if (source.guests.empty())
    idle_.erase(source.place);

  Entered out;
  unrank(source);
  out.id = ++last_;
  source.guests.push_back({out.id, now, &source});
  guests_.emplace(out.id, std::prev(source.guests.end()));
  rank(source);
  if (source.bounded && source.guests.size() > limits_.each) {
    out.source_full = true;
    put_out(source, now, out);
  } else if (guests_.size() > limits_.all) {
    put_out(*ranks_.rbegin()->source, now, out);
  }
  return out;
}

void HandshakeLimiter::put_out(Source& source, Clock::time_point now, Entered& entered) {
  const auto oldest = source.guests.begin();
  entered.out = oldest->id;
  entered.of_source = source.guests.size() - 1;
  remove(oldest, true, now);
}

bool HandshakeLimiter::leave(Id id, bool failed, Clock::time_point now) {
  const auto found = guests_.find(id);
  if (found == guests_.end()) return false;
  remove(found->second, failed, now);
  return true;
}

void HandshakeLimiter::remove(std::list<PendingHandshake>::iterator guest, bool failed,
                              Clock::time_point now) {
  Source& source = *guest->source;
  unrank(source);
  guests_.erase(guest->id);
  source.guests.erase(guest);
  source.failures = std::min(failures(source, now) + (failed ? 1 : 0), limits_.failures);
  source.counted = now;
  rank(source);
  if (source.guests.empty()) retire(source);
}

void HandshakeLimiter::rank(Source& source) {
  if (!source.guests.empty())
    ranks_.insert({source.guests.size(), source.guests.front().id, &source});
}

void HandshakeLimiter::unrank(Source& source) {
  if (!source.guests.empty())
    ranks_.erase({source.guests.size(), source.guests.front().id, &source});
}

// Nobody is here of it any more: what is left to remember are its failures.
void HandshakeLimiter::retire(Source& source) {
  if (source.failures <= 0 || !source.bounded) {
    sources_.erase(sources_.find(source.address));
    return;
  }
  source.place = idle_.insert(idle_.end(), &source);
  const auto now = source.counted;
  while (idle_.size() > limits_.remembered || failures(*idle_.front(), now) <= 0) {
    const config::Address first = idle_.front()->address;
    idle_.pop_front();
    sources_.erase(first);
    if (idle_.empty()) return;
  }
}

}  // namespace tunnel
