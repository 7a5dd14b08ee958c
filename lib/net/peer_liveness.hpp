// Detects dead peers by checking connections from time to time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "net/io.hpp"
#include "os/net/socket.hpp"

namespace tunnel::net {

// This machine's current addresses; each is looked up once.
class LocalAddresses {
 public:
  explicit LocalAddresses(const Executor& executor) : executor_(executor) {}

  bool has(const asio::ip::address& address);
  // Whether packets to `peer` would now leave from another address than `own`. False where that is
  // unknown, and beyond a bound on the peers that are looked up.
  bool route_changed(const asio::ip::address& own, const asio::ip::address& peer);

 private:
  Executor executor_;
  std::map<asio::ip::address, bool> known_;
  std::map<asio::ip::address, asio::ip::address> sources_;  // by peer
};

// Loss statistics from the answers to probes. One for each worker.
class ProbeStats {
 public:
  using Clock = std::chrono::steady_clock;

  // A remote peer was heard from at that time.
  void on_heard(Clock::time_point at) { heard_ = std::max(heard_, at); }
  // A probed peer has answered, after `lost` unanswered probes.
  void on_answer(std::uint32_t lost);

  Clock::time_point heard() const { return heard_; }
  // How many lost probes in a row happen to a live peer about once in 10^9 times: from 5, where
  // hardly any probe is lost, to 20, where a third is.
  std::uint32_t enough() const;

 private:
  Clock::time_point heard_;
  std::uint32_t answered_ = 0;
  std::uint32_t lost_ = 0;
};

// One check of all connections of a worker: its inputs, then its results.
struct LivenessRound {
  using Clock = std::chrono::steady_clock;

  Clock::time_point now;
  ProbeStats& stats;
  std::chrono::milliseconds probe_again{1000};  // until a silent peer is probed again
  std::size_t budget = 0;                       // probes that may still be sent
  bool urgent_only = false;                     // the others are checked later
  bool few = false;  // too few peers for one to show that the network works

  std::size_t remote = 0;      // ends with remote peers
  std::size_t asked = 0;       // of them, those that owe a sign of life
  bool starved = false;        // the budget was too small
  bool wants_witness = false;  // a decision waits until another peer is heard from
};

// The state of one end over successive checks. A peer is given up only where other peers are heard
// from meanwhile, or where it has been silent for as long as `keepalive` allows, and never for
// fewer lost probes than a live peer might lose. Local peers are not probed after a network change.
class PeerLiveness {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  // How long data may stay unacknowledged; zero: for ever.
  static milliseconds patience(milliseconds keepalive);

  // Why to give the connection up, as a predicate for "the client" or a name; empty where the peer
  // may be alive. `keepalive` is the service's.
  std::string check(Socket& socket, LivenessRound& round, milliseconds keepalive);

  // After a sleep or a network change: expects a sign of life soon. `changed` has the addresses
  // after the change: peers whose route has changed come first.
  void ask(Socket& socket, Clock::time_point now, LocalAddresses& changed);
  // Expects a sign of life, to show that the network works. False where this peer can't show that.
  bool ask_witness(Clock::time_point now);

  // A reason like that of check(), where the connection's local address has gone.
  static std::string check_address(Socket& socket, LocalAddresses& addresses);

  // At the last check: whether the peer had sent its end, read or not, and whether the connection
  // was closed in both directions.
  bool finished() const { return finished_; }
  bool closed() const { return closed_; }

  // The rule alone, for a peer that owes a sign of life: true where it must be given up.
  bool gone(const os::PeerState& state, LivenessRound& round, milliseconds keepalive) const;
  void begin(Clock::time_point since, bool fast) {
    since_ = since;
    asked_ = true;
    fast_ = fast;
  }

 private:
  enum class Location : std::uint8_t { unknown, local, remote };

  bool is_remote(Socket& socket);
  void settle(Socket& socket, LivenessRound& round, milliseconds keepalive);
  void ask_system(Socket& socket, LivenessRound& round, milliseconds keepalive);

  Clock::time_point next_;   // check
  Clock::time_point since_;  // where asked_: silent since then
  Clock::time_point probed_at_;
  std::uint32_t lost_ = 0;  // unanswered probes before the last one
  Location location_ = Location::unknown;
  bool asked_ = false;   // it owes a sign of life
  bool fast_ = false;    // fast probing, after a sleep or a network change
  bool urgent_ = false;  // its route has changed
  bool probed_ = false;  // the usual keepalive must be restored
  bool finished_ = false;
  bool closed_ = false;
};

}  // namespace tunnel::net
