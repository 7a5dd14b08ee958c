// Probes a target of a service: does what a connection would do, and records each step.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "check/banner_check.hpp"
#include "check/report.hpp"
#include "config/config.hpp"
#include "net/dial.hpp"
#include "net/tls_stream.hpp"
#include "relay/worker.hpp"
#include "tls/context.hpp"
#include "tls/engine.hpp"

namespace tunnel::check {

// Probes one target, once. Sends only what the handshake needs, and doesn't read a banner from a
// target that fails the service's verification.
class Probe {
 public:
  // Called after each step.
  using OnStep = std::function<void(const Step&)>;

  // `context` is null if the service connects in plaintext. The references outlive the probe.
  Probe(Worker& worker, const config::Service& service, std::shared_ptr<const tls::Context> context,
        config::SocketAddress target, OnStep on_step);
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  // Runs until a step fails or all are done. A timeout that the service turns off has its default
  // value here, so this always ends.
  net::Awaitable<TargetReport> run();

 private:
  struct Attempt;
  using Clock = std::chrono::steady_clock;

  net::Awaitable<bool> resolve();
  net::Awaitable<bool> connect();
  net::Awaitable<bool> connect_local();
  net::Awaitable<bool> run_handshake();
  net::Awaitable<void> read_plain_banner();
  net::Awaitable<void> read_tls_banner();
  template <class Stream>
  net::Awaitable<void> read_banner(Stream& stream);

  net::Awaitable<void> try_address(Attempt& attempt);
  net::Socket& socket();
  void report_attempts();
  void report_certificates(bool accepted, const Error& failure);
  bool key_decides() const;
  void add(Step step);

  Worker& worker_;
  const config::Service service_;  // without infinite timeouts
  const std::shared_ptr<const tls::Context> context_;
  const config::SocketAddress target_;
  const OnStep on_step_;
  std::vector<net::Endpoint> endpoints_;
  std::vector<std::unique_ptr<Attempt>> attempts_;
  Attempt* reached_ = nullptr;
  std::optional<tls::Engine> engine_;
  std::optional<net::TlsStream> stream_;
  const BannerCheck banner_;
  TargetReport report_;
};

}  // namespace tunnel::check
