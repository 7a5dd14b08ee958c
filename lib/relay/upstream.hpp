// The dialled side of a connection: connects to a target and does the TLS handshake.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "config/config.hpp"
#include "net/dial.hpp"
#include "net/tls_stream.hpp"
#include "relay/handshake.hpp"
#include "relay/service_snapshot.hpp"
#include "relay/service_stats.hpp"
#include "relay/worker.hpp"
#include "tls/context.hpp"
#include "x509/peer_certificate.hpp"

namespace tunnel {

// The name that the target's certificate must have.
x509::ServerName server_name(const config::Service& service, const config::SocketAddress& target);

// Of a target that accepted the connection and ended it without a byte.
Error ended_without_a_byte(const std::string& target, bool cleanly, bool tls);

// Behind a server-mode tunnel is a device; anything else may be a relay.
net::FarSide far_side_of(const config::Service& service);

// The destructor resets a peer that is still connected: the end must not look clean.
class Upstream {
 public:
  // The worker and what the snapshot points to outlive the upstream. `stats` are those of its
  // worker.
  Upstream(Worker& worker, const ServiceSnapshot& snapshot,
           std::shared_ptr<ServiceStats> stats = std::make_shared<ServiceStats>());
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  // Once. Takes the first target that is reached and authenticated; the error has the cause for
  // each of them.
  net::Awaitable<Result<std::monostate>> open();
  // Ends open() soon, with an error.
  void cancel();
  // After open() has failed: lets the peer read the alert, if there is one.
  net::Awaitable<void> close_lingering();

  net::Socket& socket() { return dialer_.socket(); }
  // Null where this side is plaintext.
  net::TlsStream* stream() { return stream_ ? &*stream_ : nullptr; }
  const tls::Engine* engine() const { return engine_ ? &*engine_ : nullptr; }

  // The peer's leaf, once, after open(), even a failed one; null where it sent none.
  std::shared_ptr<const x509::PeerCertificate> take_certificate() {
    return std::exchange(certificate_, nullptr);
  }

  // The target as configured, and the address it resolved to; empty until it is reached.
  const std::string& target() const { return target_; }
  const std::string& address() const { return address_; }
  // What the user must know about how the peer was accepted, once; mostly empty.
  std::string take_notice() { return std::exchange(notice_, {}); }
  // Why earlier targets were skipped, once; mostly empty.
  std::string take_failover() { return std::exchange(failover_, {}); }

 private:
  net::Awaitable<Result<std::monostate>> open(config::SocketAddress target);
  void count(const HandshakeEnd& end);

  Worker& worker_;
  const config::Service& service_;
  const std::shared_ptr<const tls::Context> context_;  // null where this side is plaintext
  const std::shared_ptr<LoadBalancer> load_balancer_;
  const std::shared_ptr<ServiceStats> stats_;
  net::Dialer dialer_;
  std::optional<tls::Engine> engine_;
  std::optional<net::TlsStream> stream_;
  std::shared_ptr<const x509::PeerCertificate> certificate_;
  std::string target_;
  std::string address_;
  std::string notice_;
  std::string failover_;
  bool cancelled_ = false;
};

}  // namespace tunnel
