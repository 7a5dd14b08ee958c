// Limits pending TLS handshakes by where they come from: how many there may be, which one a new one
// evicts, and which sources have cost too much with failures.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/ranges.hpp"

namespace tunnel {

// A source is an IPv4 address or an IPv6 /64, the smallest network that a site gets. Handshakes
// count for their source and for the networks around it: IPv4 /24; IPv6 /56 and /48. 127.0.0.1 and
// ::1 may be a proxy in front of the tunnel, so these limits don't apply to them.
//
// A good client sends its ClientHello at once and is done within a few round trips. So a handshake
// whose client has sent nothing is evicted first, and the oldest of those before the others; and
// after a while it lends its second descriptor, which it would need to connect to the target.
class HandshakeLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  using Id = std::uint64_t;

  // Wide enough for an office behind one address whose clients all come back at once.
  struct Limits {
    std::size_t descriptors = 32'768;  // that they may hold together
    std::size_t active = 2048;  // at a time, whose client has sent something: these cost TLS state
    // Of a source at any time; of the networks around where all of `descriptors` are held, or where
    // the clients have sent something.
    std::array<std::size_t, 3> each = {512, 1024, 2048};
    std::size_t suspicious = 32;  // a source with more is evicted without the grace
    // No other handshake is evicted before this age; a ClientHello follows at once.
    std::chrono::milliseconds grace{1000};
    std::chrono::milliseconds silent_grace{20};
    std::chrono::milliseconds lends_after{250};
    double failures = 1000;         // cost of one source's, decayed; beyond that it is refused
    double decay = 100;             // of the cost, per second
    std::size_t remembered = 4096;  // sources that have failed and have no pending handshake
  };

  HandshakeLimiter() : HandshakeLimiter(Limits()) {}
  explicit HandshakeLimiter(const Limits& limits) : limits_(limits) {}
  HandshakeLimiter(const HandshakeLimiter&) = delete;
  HandshakeLimiter& operator=(const HandshakeLimiter&) = delete;

  static config::Range source_of(const config::Address& address);

  // False where failed handshakes of the source have cost too much lately.
  bool admits(const config::Range& source, Clock::time_point now) const;
  // How many descriptors there are for the next ones, if that is not as at the start.
  void set_descriptors(std::size_t descriptors) { limits_.descriptors = descriptors; }
  // Empty where there is room for one more, or one that it may evict; else when to check again.
  std::optional<Clock::duration> full_for(Clock::time_point now) const;

  // An evicted handshake.
  struct Evicted {
    Id id = 0;
    config::Range network;      // the one that was full, or else its source
    std::size_t others = 0;     // that are pending in that network
    bool network_full = false;  // else there are too many in all
    bool silent = false;        // its client had sent nothing
  };
  struct Added {
    Id id = 0;
    std::vector<Evicted> evicted;
  };
  Added add(const config::Address& address, Clock::time_point now);
  // The client has sent a byte, so its handshake holds two descriptors again. May evict one whose
  // client has as well.
  std::optional<Evicted> on_first_byte(Id id, Clock::time_point now);
  // A handshake that lends a descriptor from now on; 0 where there is none any more.
  Id next_lender(Clock::time_point now);
  // Evicts one to free its descriptor. Empty where all are within their grace.
  std::optional<Evicted> make_room(Clock::time_point now);
  // False if it was no longer pending. `cost` is how much a failure counts, 1 or more; 0 for a
  // success.
  bool remove(Id id, double cost, Clock::time_point now);
  bool holds(Id id) const { return pending_.contains(id); }

  std::size_t size() const { return pending_.size(); }
  // Descriptors, without those that are lent.
  std::size_t held() const { return 2 * pending_.size() - lent_; }
  // The network (not a source) with the most pending ones, and how many; empty where none is
  // pending. Takes time.
  std::optional<std::pair<config::Range, std::size_t>> largest_network() const;
  // How many sources and networks use memory.
  std::size_t networks() const { return networks_.size(); }

 private:
  // In the order of their ages.
  struct Ages {
    std::set<Id> silent;
    std::set<Id> active;

    std::size_t size() const { return silent.size() + active.size(); }
  };
  struct Network {
    config::Range range;
    bool bounded = true;
    Ages pending;
    double failures = 0;  // of a source, at `counted`
    Clock::time_point counted;
    std::list<Network*>::iterator idle;  // in idle_, for a source without any pending
  };
  struct PendingHandshake {
    Clock::time_point since;
    std::array<Network*, 3> networks = {};  // its source first; null behind the last
  };
  // Orders sources so that the worst is last: most pending handshakes, then the oldest one.
  struct Rank {
    std::size_t pending;
    Id oldest;
    Network* source;
    bool operator<(const Rank& other) const {
      return pending != other.pending ? pending < other.pending : oldest > other.oldest;
    }
  };

  Network& network(const config::Range& range, Clock::time_point now);
  bool is_suspicious(const Network& source) const;
  // Of the oldest in all; zero or less: it may be evicted.
  Clock::duration silent_grace_left(Clock::time_point now) const;
  Clock::duration active_grace_left(Clock::time_point now) const;
  // Which of them has to go for `newcomer`; 0 where there is none.
  Id oldest(const Ages& ages, Id newcomer) const;
  Id oldest_beyond_grace(Clock::time_point now) const;
  std::optional<Evicted> evict_for(Id newcomer, const PendingHandshake& handshake,
                                   Clock::time_point now);
  double failures(const Network& source, Clock::time_point now) const;
  Evicted evict(Id id, const Network& network, bool network_full, Clock::time_point now);
  Rank rank_of(Network& source) const;
  void retire(Network& source);

  Limits limits_;
  Id last_ = 0;
  Id last_lender_ = 0;    // this silent one and all before it lend a descriptor
  std::size_t lent_ = 0;  // by silent ones
  std::map<config::Range, Network> networks_;
  std::unordered_map<Id, PendingHandshake> pending_;
  Ages all_;
  std::set<Rank> ranks_;      // of sources with pending handshakes
  std::list<Network*> idle_;  // the other sources; the one that failed last is at the end
};

}  // namespace tunnel
