// Whether the far end of a connection is still there, by a look at it from time to time.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "net/io.hpp"
#include "os/socket.hpp"

namespace tunnel::net {

// Which addresses this machine has at the moment; each is asked for once.
class OwnAddresses {
 public:
  explicit OwnAddresses(const Executor& executor) : executor_(executor) {}
  bool has(const asio::ip::address& address);

 private:
  Executor executor_;
  std::map<asio::ip::address, bool> known_;
};

// One round of looks at all connections.
struct Round {
  std::chrono::steady_clock::time_point now;
  bool jolted = false;  // the machine has slept, or its network has changed: who is still there?
  OwnAddresses* addresses = nullptr;  // whose connections are to be given up where theirs has gone
};

// The judgement of successive looks at one end. The system's keepalive finds an end that owes
// nothing; this finds one that does not acknowledge what it was sent, for which the system would
// wait a quarter of an hour.
class PeerLiveness {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  // A peer that answers to nothing for that long is given up; zero: never.
  static milliseconds patience(milliseconds keepalive);
  // For so long after a jolt everybody is probed in haste.
  static constexpr milliseconds haste{15'000};

  // Why the connection is to be given up, as what follows "the client" or a name; empty while there
  // is hope. `keepalive` is the service's.
  std::string look(Socket& socket, const Round& round, milliseconds keepalive);

  // Whether it had said by then that it sends no more, be that read yet or not.
  bool finished() const { return finished_; }

  // The rule alone: whether the end is to be given up, by what the system tells at that time.
  bool gone(const os::PeerState& state, Clock::time_point now, milliseconds patience);
  void begin_haste(Clock::time_point now) { hasty_until_ = now + haste; }

 private:
  bool hasty(Clock::time_point now) const { return now < hasty_until_; }

  Clock::time_point next_;        // look
  Clock::time_point owes_since_;  // where owes_: nothing has been heard since then
  Clock::time_point hasty_until_;
  std::uint32_t resent_ = 0;  // at that time
  bool owes_ = false;
  bool finished_ = false;
  bool probed_ = false;  // in haste: the usual keepalive is to be set again
};

}  // namespace tunnel::net
