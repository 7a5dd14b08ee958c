// Going to a service's targets as its connections would, one step at a time, to see how far it
// gets.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "check/report.hpp"
#include "config/config.hpp"
#include "net/dial.hpp"
#include "net/tls_stream.hpp"
#include "relay/worker.hpp"
#include "tls/context.hpp"
#include "tls/engine.hpp"

namespace tunnel {

// One target, once. Nothing is sent to it but what a handshake needs, and nothing that it says is
// taken for an answer unless it has been verified as the service wants it.
class Probe {
 public:
  // Is told of each step when it is over.
  using Seen = std::function<void(const Step&)>;

  // `context` is null where the way out is plaintext. The others outlive the probe.
  Probe(Worker& worker, const config::Service& service, std::shared_ptr<const tls::Context> context,
        config::HostPort target, Seen seen);
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  // Goes on as far as is sensible and safe. In bounded time: where the service would wait for ever,
  // this waits for the default.
  net::Awaitable<TargetReport> run();

 private:
  struct Attempt;
  using Clock = std::chrono::steady_clock;

  net::Awaitable<bool> resolve();
  net::Awaitable<bool> connect();
  net::Awaitable<bool> connect_local();
  net::Awaitable<bool> run_handshake();
  net::Awaitable<void> hear_plain();
  net::Awaitable<void> hear_tls();
  template <class Stream>
  net::Awaitable<void> hear(Stream& stream);

  net::Awaitable<void> try_address(Attempt& attempt);
  net::Socket& socket();
  void judge_attempts();
  void judge_certificates(bool accepted);
  void add(Step step);

  Worker& worker_;
  const config::Service service_;  // with times that end
  const std::shared_ptr<const tls::Context> context_;
  const config::HostPort target_;
  const Seen seen_;
  std::vector<net::Endpoint> endpoints_;
  std::vector<std::unique_ptr<Attempt>> attempts_;
  Attempt* reached_ = nullptr;
  std::optional<tls::Engine> engine_;
  std::optional<net::TlsStream> stream_;
  TargetReport report_;
};

}  // namespace tunnel
