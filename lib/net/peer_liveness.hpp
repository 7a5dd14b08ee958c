// Whether the far end of a connection is still there, by checking it from time to time.
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

// This machine's addresses at the moment; the system is asked once for each.
class LocalAddresses {
 public:
  explicit LocalAddresses(const Executor& executor) : executor_(executor) {}

  bool has(const asio::ip::address& address);
  // Whether packets to `peer` would leave from another address than `own` now. False where that is
  // unknown, and beyond a bound on how many peers are looked up.
  bool route_changed(const asio::ip::address& own, const asio::ip::address& peer);

 private:
  Executor executor_;
  std::map<asio::ip::address, bool> known_;
  std::map<asio::ip::address, asio::ip::address> sources_;  // by peer
};

// What the answers to probes tell about the network. One for each worker.
class ProbeStats {
 public:
  using Clock = std::chrono::steady_clock;

  // A peer on another machine was heard at that time.
  void on_heard(Clock::time_point at) { heard_ = std::max(heard_, at); }
  // One that was probed has answered, after `lost` probes without an answer.
  void on_answer(std::uint32_t lost);

  Clock::time_point heard() const { return heard_; }
  // So many probes in a row are lost by a peer that is there about once in 10^9 times: from 5,
  // where hardly any is lost, to 20, where a third is.
  std::uint32_t enough() const;

 private:
  Clock::time_point heard_;
  std::uint32_t answered_ = 0;
  std::uint32_t lost_ = 0;
};

// One check of all connections of a worker: what it has, and what it finds.
struct LivenessRound {
  using Clock = std::chrono::steady_clock;

  Clock::time_point now;
  ProbeStats& stats;
  std::chrono::milliseconds probe_again{1000};  // until a peer that is silent is probed again
  std::size_t budget = 0;                       // of probes that may still be sent
  bool urgent_only = false;                     // the others have their turn later
  bool few = false;  // so few peers that none of them may be able to witness for the network

  std::size_t remote = 0;      // ends whose peers are on other machines
  std::size_t asked = 0;       // of them, those that owe an answer
  bool starved = false;        // the budget was too small
  bool wants_witness = false;  // a verdict waits for somebody else to be heard
};

// The judgement of successive checks of one end. A peer is given up only where others are heard
// meanwhile, or where it has been silent for as long as `keepalive` promises, and never for fewer
// lost probes than a peer that is there might lose. Peers within this machine are not asked after
// a change of the network: it does not concern them.
class PeerLiveness {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  // How long data may stay unacknowledged; zero: for ever.
  static milliseconds patience(milliseconds keepalive);

  // Why the connection is to be given up, as what follows "the client" or a name; empty while there
  // is hope. `keepalive` is the service's.
  std::string check(Socket& socket, LivenessRound& round, milliseconds keepalive);

  // After a sleep or a change of the network: is to be heard of soon. `changed` knows the addresses
  // after the change: peers whose route is another one now come first.
  void ask(Socket& socket, Clock::time_point now, LocalAddresses& changed);
  // Is to be heard of, as a witness that the network carries answers. False where it is none.
  bool ask_witness(Clock::time_point now);

  // Likewise a reason, where the address that the connection was made from has gone.
  static std::string check_address(Socket& socket, LocalAddresses& addresses);

  // At the last check: whether the peer had said that it sends no more, be that read yet or not,
  // and whether the connection was over in both directions.
  bool finished() const { return finished_; }
  bool closed() const { return closed_; }

  // The rule alone, for a peer that has been asked. True where it is to be given up.
  bool gone(const os::PeerState& state, LivenessRound& round, milliseconds keepalive) const;
  void begin(Clock::time_point since, bool fast) {
    since_ = since;
    asked_ = true;
    fast_ = fast;
  }

 private:
  enum class Where : std::uint8_t { unknown, here, elsewhere };

  bool is_remote(Socket& socket);
  void settle(Socket& socket, LivenessRound& round, milliseconds keepalive);
  void ask_system(Socket& socket, LivenessRound& round, milliseconds keepalive);

  Clock::time_point next_;   // check
  Clock::time_point since_;  // where asked_: nothing has been heard since then
  Clock::time_point probed_at_;
  std::uint32_t lost_ = 0;  // probes without an answer, before the last one
  Where where_ = Where::unknown;
  bool asked_ = false;   // it owes an answer
  bool fast_ = false;    // because of a sleep or a change of the network
  bool urgent_ = false;  // its route has changed
  bool probed_ = false;  // the usual keepalive is to be set again
  bool finished_ = false;
  bool closed_ = false;
};

}  // namespace tunnel::net
