// The dialled side of a connection, up to where data can flow: reached, and its TLS handshake done.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "config/config.hpp"
#include "net/dial.hpp"
#include "net/tls_stream.hpp"
#include "relay/service_snapshot.hpp"
#include "relay/worker.hpp"
#include "tls/context.hpp"
#include "x509/peer_certificate.hpp"

namespace tunnel {

// What a service asks for of a target with this host.
x509::ServerName server_name(const config::Service& service, const config::HostPort& target);

// A peer that is still there when it is destroyed is reset: the end must not look clean.
class Upstream {
 public:
  // The worker and what the terms point to outlive the upstream.
  Upstream(Worker& worker, const ServiceSnapshot& terms);
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  // Once. Goes to the first target that is reached and proves who it is; the error names the cause
  // of each that is not.
  net::Awaitable<Result<std::monostate>> open();
  // Ends open() soon, with an error.
  void cancel();
  // After open() has failed: lets the far side read the alert, if there is one.
  net::Awaitable<void> close_lingering();

  net::Socket& socket() { return dialer_.socket(); }
  // Null where this side is plaintext.
  net::TlsStream* stream() { return stream_ ? &*stream_ : nullptr; }
  const tls::Engine* engine() const { return engine_ ? &*engine_ : nullptr; }

  // The far side's leaf, once, after open() has succeeded or not; null where it showed none.
  std::unique_ptr<x509::PeerCertificate> take_certificate() {
    return engine_ ? engine_->take_certificate() : nullptr;
  }

  // The target in the words of the configuration, and the address that it turned out to be; empty
  // until it is reached.
  const std::string& target() const { return target_; }
  const std::string& address() const { return address_; }
  // What the user has to know of how the far side was accepted, once; mostly empty.
  std::string take_notice() { return std::exchange(notice_, {}); }
  // Why targets before this one were passed over, once; mostly empty.
  std::string take_failover() { return std::exchange(failover_, {}); }

 private:
  net::Awaitable<Result<std::monostate>> open(config::HostPort target);

  Worker& worker_;
  const config::Service& service_;
  const std::shared_ptr<const tls::Context> context_;  // null where this side is plaintext
  const std::shared_ptr<LoadBalancer> targets_;
  net::Dialer dialer_;
  std::optional<tls::Engine> engine_;
  std::optional<net::TlsStream> stream_;
  std::string target_;
  std::string address_;
  std::string notice_;
  std::string failover_;
  bool cancelled_ = false;
};

}  // namespace tunnel
