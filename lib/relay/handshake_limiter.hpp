// Those whose TLS handshake is not done yet, by where they come from: how many may be there at a
// time, who has to go for another, and who has failed too often to come in.
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

// A source is an IPv4 address or a /64 of IPv6: less is not handed out to anybody. The addresses
// 127.0.0.1 and ::1 are a proxy's before the tunnel rather than somebody's, and no bound of a
// source holds for them. A good client is done within a few round trips, so the handshake that
// is ended for a new one is always the oldest of the source with the most.
class HandshakeLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  using Id = std::uint64_t;

  // Wide enough for an office behind one address whose clients all come back at once.
  struct Limits {
    std::size_t all = 2048;       // unfinished at a time
    std::size_t each = 512;       // of one source
    std::size_t suspicious = 32;  // a source with more goes first, however short it has been there
    std::chrono::seconds patience{1};  // the others are left in peace for so long
    double failures = 1000;         // of one source in a short time; beyond that it is not let in
    double forgiven = 100;          // of them in each second
    std::size_t remembered = 4096;  // sources that have failed, and that nobody is here of
  };

  HandshakeLimiter() : HandshakeLimiter(Limits()) {}
  explicit HandshakeLimiter(const Limits& limits) : limits_(limits) {}
  const Limits& limits() const { return limits_; }

  static config::Address source_of(const config::Address& address);

  // False where too many handshakes of the source have failed lately.
  bool admits(const config::Address& source, Clock::time_point now) const;
  // Nothing where there is room for one more, or somebody who may be asked to go for it; else when
  // to look again.
  std::optional<Clock::duration> full_for(Clock::time_point now) const;

  struct Entered {
    Id id = 0;
    // The handshake that was ended for it, and how many its source had.
    std::optional<Id> out;
    std::size_t of_source = 0;
    bool source_full = false;  // the bound of its source is why, not that of all
  };
  Entered enter(const config::Address& source, Clock::time_point now);
  // Somebody has to go for what is not here: descriptors. Nothing where all are to be left in
  // peace.
  std::optional<Entered> make_room(Clock::time_point now);
  // Whether it was still here. Once is enough.
  bool leave(Id id, bool failed, Clock::time_point now);
  bool holds(Id id) const { return guests_.contains(id); }

  std::size_t size() const { return guests_.size(); }
  // Sources that memory is spent on.
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
    std::list<PendingHandshake> guests;  // the oldest first
    double failures = 0;                 // at `counted`
    Clock::time_point counted;
    std::list<Source*>::iterator place;  // in idle_, where nobody is here of it
  };
  // Orders sources so that the last is the worst: most guests, and among those the oldest one.
  struct Rank {
    std::size_t guests;
    Id oldest;
    Source* source;
    bool operator<(const Rank& other) const {
      return guests != other.guests ? guests < other.guests : oldest > other.oldest;
    }
  };

  // How long the worst source's longest one is to be left in peace yet; zero or less: it may go.
  Clock::duration peace(Clock::time_point now) const;
  double failures(const Source& source, Clock::time_point now) const;
  void put_out(Source& source, Clock::time_point now, Entered& entered);
  void remove(std::list<PendingHandshake>::iterator guest, bool failed, Clock::time_point now);
  void rank(Source& source);
  void unrank(Source& source);
  void retire(Source& source);

  const Limits limits_;
  Id last_ = 0;
  std::map<config::Address, Source> sources_;
  std::unordered_map<Id, std::list<PendingHandshake>::iterator> guests_;
  std::set<Rank> ranks_;     // of those with guests
  std::list<Source*> idle_;  // those without, the one that has failed last at the end
};

}  // namespace tunnel
