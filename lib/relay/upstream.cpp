// Dials, and does the client's handshake.
#include "relay/upstream.hpp"

#include <fmt/format.h>

#include "base/host.hpp"
#include "config/values.hpp"
#include "net/lingering_close.hpp"

namespace tunnel {

// The certificate must be for what the user wrote; a final dot belongs to DNS only.
x509::ServerName server_name(const config::Service& service, const config::SocketAddress& target) {
  x509::ServerName out;
  out.target = target.text();
  out.text = service.server_name.empty() ? std::string(target.host()) : service.server_name;
  // one address may have several servers behind it, each with its own name and key
  if (out.text != target.host()) out.target += " " + out.text;
  if (out.text.ends_with('.')) out.text.pop_back();
  out.is_address = is_address(out.text);
  return out;
}

Error ended_without_a_byte(const std::string& target, bool cleanly, bool tls) {
  return {fmt::format("{} {} the connection without a byte", target, cleanly ? "ended" : "reset"),
          tls ? "is the device behind it on, and its service listening?"
              : "does it serve others already, or admit only some?"};
}

net::FarSide far_side_of(const config::Service& service) {
  return service.accepts_tls() ? net::FarSide::device : net::FarSide::relay;
}

Upstream::Upstream(Worker& worker, const ServiceSnapshot& snapshot,
                   std::shared_ptr<ServiceStats> stats)
    : worker_(worker),
      service_(*snapshot.settings),
      context_(service_.connects_tls() ? snapshot.context : nullptr),
      load_balancer_(snapshot.load_balancer),
      stats_(std::move(stats)),
      dialer_(worker.io.get_executor(), worker.resolver, far_side_of(service_)) {}

Upstream::~Upstream() { net::reset(socket()); }

net::Awaitable<Result<std::monostate>> Upstream::open() {
  Error failed{"there is nowhere to connect to"};
  std::string earlier;
  const std::vector<config::SocketAddress> targets =
      load_balancer_->order(service_, LoadBalancer::Clock::now());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto opened = co_await open(targets[i]);
    if (cancelled_) co_return Error{"cancelled"};
    if (opened) {
      load_balancer_->on_success(targets[i]);
      if (!earlier.empty())
        failover_ = fmt::format("{}; so this one goes to {}", earlier, targets[i].text());
      co_return opened;
    }
    load_balancer_->on_failure(targets[i], LoadBalancer::Clock::now());
    failed = opened.error();
    if (!earlier.empty()) failed.what = earlier + "; " + failed.what;
    earlier = failed.what;
    // the peer may read our alert, but not for long: a client waits
    constexpr std::chrono::milliseconds patience{1000};
    if (i + 1 < targets.size() && stream_ && socket().is_open())
      co_await net::close_lingering(socket(), patience);
  }
  co_return failed;
}

net::Awaitable<Result<std::monostate>> Upstream::open(config::SocketAddress target) {
  stream_.reset();
  engine_.reset();
  const auto begun = std::chrono::steady_clock::now();
  const auto reached = co_await dialer_.dial(target, service_.timeouts.connect, service_.keepalive);
  if (!reached) {
    if (!cancelled_) stats_->target(target.text(), service_).add(target_failure(dialer_.error()));
    co_return reached.error();
  }
  stats_->connect_times.add(std::chrono::steady_clock::now() - begun);
  target_ = target.text();
  address_ = target.tcp() != nullptr ? net::text(*reached) : target_;
  if (!context_) {
    ++stats_->target(target_, service_).connects;
    co_return std::monostate{};
  }
  engine_.emplace(context_, target_, server_name(service_, target));
  stream_.emplace(socket(), *engine_);
  HandshakeEnd end = co_await run_handshake(*stream_, worker_, service_);
  if (cancelled_) end.cause = tls::FailureCause::stopped;
  certificate_ = engine_->take_certificate();
  count(end);
  const auto& handshake = end.result;
  notice_ = engine_->take_notice();
  // with several targets, name this one: not every reason does
  if (!handshake && service_.connect.size() > 1 && !handshake.error().what.starts_with(target_))
    co_return Error{target_ + ": " + handshake.error().what, handshake.error().hint};
  co_return handshake;
}

void Upstream::count(const HandshakeEnd& end) {
  stats_->handshakes.add(*engine_, end);
  TargetStats& target = stats_->target(target_, service_);
  if (!end.result) {
    if (!cancelled_) target.add(TargetFailure::handshake);
    return;
  }
  ++target.connects;
  if (!certificate_) return;
  target.certificate = certificate_;
  target.certificate_seen = std::chrono::steady_clock::now();
}

void Upstream::cancel() {
  cancelled_ = true;
  dialer_.cancel();
  net::reset(socket());
}

net::Awaitable<void> Upstream::close_lingering() {
  if (stream_ && socket().is_open())
    co_await net::close_lingering(socket(), service_.timeouts.close);
}

}  // namespace tunnel
