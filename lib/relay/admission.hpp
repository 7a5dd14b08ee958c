// The door of a service: who may come in, how many at a time, and what is said of those who may
// not.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "config/config.hpp"
#include "log/log.hpp"
#include "log/throttle.hpp"
#include "net/io.hpp"
#include "relay/handshake_limiter.hpp"
#include "relay/worker.hpp"

namespace tunnel {

class ConnectionSlot;

// Connections still in the handshake don't count towards max_connections, so half-open clients
// can't lock out established ones. For all threads.
class Admission : public std::enable_shared_from_this<Admission> {
 public:
  using Clock = HandshakeLimiter::Clock;

  // The log outlives it.
  Admission(std::shared_ptr<const config::Service> settings, Log& log,
            HandshakeLimiter::Limits limits = {});

  // For those who come from now on.
  void renew(std::shared_ptr<const config::Service> settings);

  // All max_connections are taken: only the end of one makes room.
  bool full() const { return left() == 0; }
  // Of max_connections.
  std::size_t left() const;
  // Nothing where another handshake may begin; else how long the crowd is to be left in peace.
  std::optional<Clock::duration> crowded_for() const;
  // Before a byte is read or sent. Where not, the log says why, and what to change.
  bool admits(const net::Endpoint& from);
  // Another connection. Where somebody has to go for it, that one is cut.
  std::shared_ptr<ConnectionSlot> enter(Worker& worker, const net::Endpoint& from);

  // Descriptors or memory have run out: cuts somebody of the crowd for them, if there is one to be
  // cut.
  bool make_room();

  // To be called once a minute, and at the end: tells what was only counted.
  void tell_counted();

 private:
  friend class ConnectionSlot;
  enum class Turn { now, later, never };

  Turn settle(ConnectionSlot& slot);
  void leave(ConnectionSlot& slot);
  bool tells_failure(const ConnectionSlot& slot);
  std::shared_ptr<ConnectionSlot> find_cut(const HandshakeLimiter::Entered& entered);
  static void cut(std::shared_ptr<ConnectionSlot> slot, std::string why);
  std::optional<Error> refusal(const config::Address& address);
  std::size_t left_locked() const;

  Log& log_;
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<const config::Service> settings_;
  HandshakeLimiter limiter_;
  std::unordered_map<HandshakeLimiter::Id, std::weak_ptr<ConnectionSlot>> seats_;  // of the crowd
  std::deque<std::weak_ptr<ConnectionSlot>>
      queue_;              // handshakes that are done, and wait for a connection
  std::size_t taken_ = 0;  // of max_connections
  // A door that knows nobody else's language: one line says enough. Of failures each may differ.
  LogThrottle refused_{64, 1};
  LogThrottle failed_{32, 30};
};

// One connection's place at the service. On its worker's thread.
class ConnectionSlot : public std::enable_shared_from_this<ConnectionSlot> {
 public:
  ConnectionSlot(std::shared_ptr<Admission> admission, Worker& worker,
                 const config::Address& source)
      : admission_(std::move(admission)), worker_(worker), source_(source) {}
  ~ConnectionSlot() { leave(); }
  ConnectionSlot(const ConnectionSlot&) = delete;
  ConnectionSlot& operator=(const ConnectionSlot&) = delete;

  // How to end the connection when its place is needed, and why.
  void on_cut(std::function<void(std::string)> cut) { cut_ = std::move(cut); }

  // The handshake is done: returns when it counts as a connection, in the order in which they ask.
  // False where its place has gone to another, or after cancel().
  net::Awaitable<bool> settle();
  void cancel();
  // The connection has ended.
  void leave() {
    cut_ = nullptr;
    admission_->leave(*this);
  }

  bool is_of(const Admission& admission) const { return admission_.get() == &admission; }
  // Whether a line of the log is to tell that the handshake has failed.
  bool tells_failure() const { return admission_->tells_failure(*this); }

 private:
  friend class Admission;
  enum class Stage { crowd, queue, taken };

  const std::shared_ptr<Admission> admission_;
  Worker& worker_;
  const config::Address source_;
  std::function<void(std::string)> cut_;
  std::optional<net::Timer> turn_;  // runs for as long as it waits in the queue
  bool called_ = false;             // its turn has come
  bool cancelled_ = false;
  // Under the admission's lock.
  HandshakeLimiter::Id id_ = 0;  // in the crowd
  Stage stage_ = Stage::crowd;
  bool left_ = false;
};

}  // namespace tunnel
