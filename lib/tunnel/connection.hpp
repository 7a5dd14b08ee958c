// One client's story, from the accepted socket to the line in the log that says how it ended.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/log.hpp"
#include "config/config.hpp"
#include "net/dial.hpp"
#include "tls/context.hpp"
#include "tunnel/relay.hpp"
#include "tunnel/worker.hpp"

namespace tunnel {

class Connection {
 public:
  // All but the socket and the context outlive the connection. `context` is null where the service
  // is plain; a reload gives later connections another, and this one keeps its own.
  Connection(Worker& worker, Log& log, const config::Service& service,
             std::shared_ptr<const tls::Context> context, std::uint64_t id, net::Socket front);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // To be run once, on the worker's thread.
  net::Awaitable<void> run();

  // Resets both sides; run() returns soon. On the worker's thread.
  void stop(std::string why);

 private:
  using Clock = std::chrono::steady_clock;

  net::Awaitable<void> run_client();
  net::Awaitable<void> run_server();
  net::Awaitable<void> run_plain();

  // Each returns false where the connection is over, and has said why.
  net::Awaitable<bool> dial();
  net::Awaitable<bool> shake_hands(net::TlsStream& stream, const std::string& peer);
  template <class Front, class Back>
  net::Awaitable<void> relay(Front& front, Back& back);

  tls::ServerName server_name() const;
  void log_failure(const Error& error);
  void log_open(const tls::Engine* engine);
  void log_close(const Ending& ending, std::uint64_t up, std::uint64_t down);
  LogEvent event(LogLevel level, std::string_view name, std::string message) const;

  Worker& worker_;
  Log& log_;
  const config::Service& service_;
  const std::shared_ptr<const tls::Context> context_;
  const std::uint64_t id_;
  const Clock::time_point started_ = Clock::now();
  net::Socket front_;
  net::Dialer back_;
  net::Deadline deadline_;
  std::string front_peer_;
  std::string upstream_;  // the target in the words of the configuration
  std::string upstream_host_;
  std::string upstream_peer_;  // the address that it turned out to be
  std::string stopped_;        // why stop() was called
  std::function<void(std::string)> cut_relay_;
};

}  // namespace tunnel
