// One client's connection, from the accepted socket to the log line that says how it ended.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "log/log.hpp"
#include "net/peer_liveness.hpp"
#include "relay/admission.hpp"
#include "relay/connection_status.hpp"
#include "relay/relay_control.hpp"
#include "relay/service_counters.hpp"
#include "relay/service_snapshot.hpp"
#include "relay/traffic_stats.hpp"
#include "relay/upstream.hpp"
#include "relay/upstream_pool.hpp"
#include "relay/worker.hpp"

namespace tunnel {

class Connection {
 public:
  // Worker and log outlive the connection. It keeps its snapshot when a reload gives
  // later connections another one. `upstream_pool` is null where no connections are kept ready.
  Connection(Worker& worker, Log& log, std::shared_ptr<const ServiceSnapshot> snapshot,
             std::shared_ptr<ServiceCounters> counters, std::shared_ptr<UpstreamPool> upstream_pool,
             std::uint64_t id, std::shared_ptr<ConnectionSlot> slot, net::Socket front);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Call once, on the worker's thread.
  net::Awaitable<void> run();

  // Resets both sides; run() returns soon. On the worker's thread.
  void stop(std::string why);

  // What it has carried so far. From any thread.
  const TrafficStats& bytes() const { return bytes_; }
  // Gives up a peer that PeerLiveness finds dead. Only for those in Worker::relaying: before, the
  // shorter deadlines of connecting and of the handshake apply. On the worker's thread, as the
  // rest.
  void check_peers(net::LivenessRound& round);
  void check_addresses(net::LocalAddresses& addresses);
  void ask_peers(net::PeerLiveness::Clock::time_point now, net::LocalAddresses& changed);
  bool ask_witness(net::PeerLiveness::Clock::time_point now);

  // Whether bytes can flow.
  bool is_open() const { return open_; }
  const ServiceCounters& counters() const { return *counters_; }
  ConnectionStatus status() const;

  bool admitted_by(const Admission& admission) const { return slot_->is_of(admission); }

 private:
  using Clock = std::chrono::steady_clock;

  class LocalStream;

  net::Awaitable<void> run_client();
  net::Awaitable<void> run_server();
  HandshakeEnd stopped_handshake() const;
  void count_failed_handshake(const HandshakeEnd& end);
  net::Awaitable<void> run_plain();

  template <class Front>
  net::Awaitable<void> run_to_plain(Front& front, const tls::Engine* engine);
  // Logs why there is no connection, explains it to the client, and closes both sides.
  net::Awaitable<void> fail(const Result<std::monostate>& opened);
  net::Awaitable<void> dismiss_client(const Error& why);
  // For a relay that ended without a byte from the upstream.
  net::Awaitable<void> fail_unanswered(const Ending& ending);
  void lose(Side side, const std::string& why);
  bool is_failure(const Ending& ending) const;
  void keep_request(std::span<const std::byte> bytes);
  void log_failover();
  void warn_of_tls_in_tls();
  template <class Front, class Back>
  net::Awaitable<void> relay(Front& front, Back& back);

  void log_failure(LogLevel level, const Error& error);
  void log_open(const tls::Engine* engine, bool preconnected);
  void log_close(const Ending& ending, std::uint64_t up, std::uint64_t down);
  void log_unanswered(const Error& why, std::uint64_t up);
  LogEvent event(LogLevel level, std::string_view name, std::string message) const;

  Worker& worker_;
  Log& log_;
  const std::shared_ptr<const ServiceSnapshot> snapshot_;
  const config::Service& service_ = *snapshot_->settings;
  config::Timeouts timeouts_ = service_.timeouts;  // while it is open
  const std::uint64_t id_;
  const Clock::time_point started_ = Clock::now();
  std::shared_ptr<UpstreamPool> upstream_pool_;
  const std::shared_ptr<ConnectionSlot> slot_;
  net::Socket front_;
  std::unique_ptr<Upstream> back_;
  const std::shared_ptr<ServiceCounters> counters_;  // its worker's
  TrafficStats bytes_;
  bool open_ = false;
  std::string front_peer_;
  std::string front_host_;         // the same without the port
  std::string request_;            // the beginning of it, where the client may be told in HTTP
  std::string client_;             // the name in its certificate, where one is required; escaped
  std::string stopped_;            // why stop() was called
  RelayControl* relay_ = nullptr;  // while it runs
  net::PeerLiveness front_liveness_;
  net::PeerLiveness back_liveness_;
};

}  // namespace tunnel
