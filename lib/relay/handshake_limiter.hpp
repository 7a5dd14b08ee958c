// Limits pending TLS handshakes by source: how many there may be, which one a new one evicts, and
// which sources have failed too often.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "config/ranges.hpp"

namespace tunnel {

// A source is an IPv4 address or an IPv6 /64, the smallest network that a site gets. 127.0.0.1 and
// ::1 may be a proxy in front of the tunnel, so the limits of a source don't apply to them. A good
// client is done within a few round trips, so a new handshake evicts the oldest of the source with
// the most.
class HandshakeLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  using Id = std::uint64_t;

  // Wide enough for an office behind one address whose clients all come back at once.
  struct Limits {
    std::size_t all = 2048;         // pending at a time
    std::size_t each = 512;         // of one source
    std::size_t suspicious = 32;    // a source with more is evicted without the grace
    std::chrono::seconds grace{1};  // no other handshake is evicted before this age
    double failures = 1000;         // of one source, decayed; beyond that it is refused
    double decay = 100;             // failures per second
    std::size_t remembered = 4096;  // sources that have failed and have no pending handshake
  };

  HandshakeLimiter() : HandshakeLimiter(Limits()) {}
  explicit HandshakeLimiter(const Limits& limits) : limits_(limits) {}
  const Limits& limits() const { return limits_; }

  static config::Address source_of(const config::Address& address);

  // False where too many handshakes of the source have failed lately.
  bool admits(const config::Address& source, Clock::time_point now) const;
  // Empty where there is room for one more, or one that it may evict; else when to check again.
  std::optional<Clock::duration> full_for(Clock::time_point now) const;

  struct Added {
    Id id = 0;
    // The handshake that it evicted, and how many others the source of that one has.
    std::optional<Id> evicted;
    std::size_t of_source = 0;
    bool source_full = false;  // by the limit of its source, not that of all
  };
  Added add(const config::Address& source, Clock::time_point now);
  // Evicts one to free its descriptor. Empty where all are within their grace.
  std::optional<Added> make_room(Clock::time_point now);
  // False where it was not pending any more.
  bool remove(Id id, bool failed, Clock::time_point now);
  bool holds(Id id) const { return pending_.contains(id); }

  std::size_t size() const { return pending_.size(); }
  // How many sources use memory.
  std::size_t sources() const { return sources_.size(); }

 private:
  struct Source;
  struct PendingHandshake {
    Id id = 0;
    Clock::time_point since;
    Source* source = nullptr;
  };
  struct Source {
    config::Address address;
    bool bounded = true;
    std::list<PendingHandshake> pending;  // the oldest first
    double failures = 0;                  // at `counted`
    Clock::time_point counted;
    std::list<Source*>::iterator idle;  // in idle_, where it has none pending
  };
  // Orders sources so that the worst is last: most pending handshakes, then the oldest one.
  struct Rank {
    std::size_t pending;
    Id oldest;
    Source* source;
    bool operator<(const Rank& other) const {
      return pending != other.pending ? pending < other.pending : oldest > other.oldest;
    }
  };

  // The remaining grace of the worst source's oldest one; zero or less: it may be evicted.
  Clock::duration grace_left(Clock::time_point now) const;
  double failures(const Source& source, Clock::time_point now) const;
  void evict(Source& source, Clock::time_point now, Added& added);
  void remove(std::list<PendingHandshake>::iterator handshake, bool failed, Clock::time_point now);
  void rank(Source& source);
  void unrank(Source& source);
  void retire(Source& source);

  const Limits limits_;
  Id last_ = 0;
  std::map<config::Address, Source> sources_;
  std::unordered_map<Id, std::list<PendingHandshake>::iterator> pending_;
  std::set<Rank> ranks_;     // of sources with pending handshakes
  std::list<Source*> idle_;  // the other sources; the one that failed last is at the end
};

}  // namespace tunnel
