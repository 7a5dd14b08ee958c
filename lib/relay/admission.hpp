// Admits the clients of a service, limits how many there are at a time, and logs refusals.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "log/log.hpp"
#include "log/throttle.hpp"
#include "net/io.hpp"
#include "relay/descriptor_budget.hpp"
#include "relay/flood_report.hpp"
#include "relay/handshake_limiter.hpp"
#include "relay/worker.hpp"

namespace tunnel {

class ConnectionSlot;

// Connections still in the handshake don't count towards max_connections, so half-open clients
// can't lock out established ones. For all threads.
class Admission : public std::enable_shared_from_this<Admission> {
 public:
  using Clock = HandshakeLimiter::Clock;

  // The log and the budget outlive it.
  Admission(std::shared_ptr<const config::Service> settings, Log& log,
            DescriptorBudget& descriptors, HandshakeLimiter::Limits limits = {});

  // For later clients.
  void renew(std::shared_ptr<const config::Service> settings);

  // All of max_connections are in use: one has to end first.
  bool full() const { return left() == 0; }
  // Unused ones of max_connections.
  std::size_t left() const;
  // Takes the descriptors that silent clients don't need yet, for others. Call before checking how
  // many are left.
  void take_lent();
  // Empty where another handshake may begin; else how long until one may evict a pending one.
  std::optional<Clock::duration> handshakes_full_for();
  // Call before a byte is read or sent. A refusal is logged with its reason and the next step.
  bool admits(const net::Endpoint& from);
  // A slot for another connection. May evict a pending handshake for it.
  std::shared_ptr<ConnectionSlot> enter(Worker& worker, const net::Endpoint& from);

  // Descriptors or memory have run out: evicts a pending handshake. False where none may be
  // evicted.
  bool make_room();

  // Call once a minute and at the end: logs the number of events that were counted only.
  void log_summaries();

 private:
  friend class ConnectionSlot;
  enum class Grant { granted, queued };
  struct Evicted {
    std::shared_ptr<ConnectionSlot> slot;
    std::string why;
    std::optional<Error> report;  // to log
    std::string service;
  };

  Result<Grant> acquire(ConnectionSlot& slot);
  void release(ConnectionSlot& slot);
  void on_first_byte(ConnectionSlot& slot);
  bool should_log_failure(const ConnectionSlot& slot);
  std::optional<Error> source_full(const config::Range& source) const;
  void count_source(ConnectionSlot& slot);
  void begin_connection(ConnectionSlot& slot);
  void end_connection(const ConnectionSlot& slot);
  Evicted take_evicted(const HandshakeLimiter::Evicted& evicted);
  void evict(Evicted evicted);
  void report_flood(const std::string& service, const Error& report);
  void share_descriptors();
  void hold(ConnectionSlot& slot, std::size_t descriptors);
  std::optional<Error> refusal(const config::Address& address);
  std::size_t left_locked() const;

  Log& log_;
  DescriptorBudget& descriptors_;
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<const config::Service> settings_;
  HandshakeLimiter limiter_;
  std::size_t shared_ = 0;  // of limiter_.held(), what other services know of
  std::unordered_map<HandshakeLimiter::Id, std::weak_ptr<ConnectionSlot>> pending_;
  std::deque<std::weak_ptr<ConnectionSlot>> queue_;  // handshakes done, waiting for a connection
  std::size_t in_use_ = 0;                           // of max_connections
  std::map<config::Range, std::size_t> by_source_;   // those and the queue, but for this machine
  // One line per source is enough for refusals. Failures may differ, so more of them are logged.
  LogThrottle refused_{64, 1};
  LogThrottle failed_{32, 30};
  FloodReport flood_;
};

// A connection's slot at the service. On its worker's thread.
class ConnectionSlot : public std::enable_shared_from_this<ConnectionSlot> {
 public:
  ConnectionSlot(std::shared_ptr<Admission> admission, Worker& worker, const config::Range& source)
      : admission_(std::move(admission)), worker_(worker), source_(source) {}
  ~ConnectionSlot() { release(); }
  ConnectionSlot(const ConnectionSlot&) = delete;
  ConnectionSlot& operator=(const ConnectionSlot&) = delete;

  // Called with the reason when a newer handshake evicts this one: ends the connection.
  void on_evicted(std::function<void(std::string)> evicted) { evicted_ = std::move(evicted); }

  // The client has sent a byte, so others are evicted first.
  void on_first_byte() { admission_->on_first_byte(*this); }
  // Processor time that the handshake has taken. The more it is, the more a failure counts.
  void charge(Admission::Clock::duration time) { spent_ += time; }
  // Call once the handshake is done: returns when it counts as a connection, first come, first
  // served. An error where its source has too many, where it was evicted, or after cancel().
  net::Awaitable<Result<std::monostate>> acquire();
  void cancel();
  // The connection has ended.
  void release() {
    evicted_ = nullptr;
    admission_->release(*this);
  }

  // The client is on this machine.
  bool is_local() const { return source_.first.is_loopback(); }
  bool is_of(const Admission& admission) const { return admission_.get() == &admission; }
  // Whether to log that the handshake has failed; else it is counted only.
  bool should_log_failure() const { return admission_->should_log_failure(*this); }

 private:
  friend class Admission;
  enum class Stage { handshake, evicted, queued, connection };

  const std::shared_ptr<Admission> admission_;
  Worker& worker_;
  const config::Range source_;
  Admission::Clock::duration spent_{0};
  std::function<void(std::string)> evicted_;
  std::optional<net::Timer> wait_;  // while it is queued
  bool granted_ = false;
  bool cancelled_ = false;
  // Under the admission's lock.
  HandshakeLimiter::Id id_ = 0;  // of its pending handshake
  std::size_t descriptors_ = 0;  // of the budget
  Stage stage_ = Stage::handshake;
  bool counted_ = false;  // for its source
  bool released_ = false;
};

}  // namespace tunnel
