// The steps of a probe.
#include "check/probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include <asio/co_spawn.hpp>

#include "base/text.hpp"
#include "net/deadline.hpp"
#include "net/dial_local.hpp"
#include "net/lingering_close.hpp"
#include "net/plain_stream.hpp"
#include "relay/handshake.hpp"
#include "relay/upstream.hpp"

namespace tunnel::check {

namespace {

using std::chrono::milliseconds;

// The wait for the rest of a banner, and for a refusal after it.
constexpr milliseconds rest_of_banner{500};
constexpr milliseconds patience_for_end{1000};
constexpr std::size_t longest_banner = 256;
// A connected address may stay idle this long while others are tried.
constexpr milliseconds longest_idle{1000};

config::Service with_finite_timeouts(config::Service service) {
  const config::Timeouts usual;
  if (service.timeouts.connect.count() == 0) service.timeouts.connect = usual.connect;
  if (service.timeouts.handshake.count() == 0) service.timeouts.handshake = usual.handshake;
  return service;
}

std::chrono::sys_seconds now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace

struct Probe::Attempt {
  Attempt(Worker& worker, const net::Endpoint& to, net::FarSide far_side)
      : dialer(worker.io.get_executor(), worker.resolver, far_side), endpoint(to) {}

  net::Dialer dialer;
  const net::Endpoint endpoint;
  net::ConnectResult outcome;
  Clock::duration took{};
  Clock::time_point ended;
};

Probe::Probe(Worker& worker, const config::Service& service,
             std::shared_ptr<const tls::Context> context, config::SocketAddress target,
             OnStep on_step)
    : worker_(worker),
      service_(with_finite_timeouts(service)),
      context_(std::move(context)),
      target_(std::move(target)),
      on_step_(std::move(on_step)),
      banner_(service_, target_) {
  report_.target = target_.text();
}

Probe::~Probe() = default;

net::Socket& Probe::socket() { return reached_->dialer.socket(); }

void Probe::add(Step step) {
  on_step_(step);
  report_.steps.push_back(std::move(step));
}

net::Awaitable<TargetReport> Probe::run() {
  bool good = false;
  if (target_.local() != nullptr) {
    good = co_await connect_local();
  } else {
    good = co_await resolve();
    if (good) good = co_await connect();
  }
  if (good && context_) good = co_await run_handshake();
  if (good && context_) co_await read_tls_banner();
  if (good && !context_) co_await read_plain_banner();
  co_return std::move(report_);
}

// --- the name, and its addresses

net::Awaitable<bool> Probe::resolve() {
  const auto began = Clock::now();
  net::Dialer dialer(worker_.io.get_executor(), worker_.resolver, far_side_of(service_));
  const auto found = co_await dialer.resolve(*target_.tcp(), service_.timeouts.connect);
  Step step{Step::Resolve{}};
  step.took = Clock::now() - began;
  if (!found) {
    step.status = StepStatus::failed;
    step.problem = found.error();
    add(std::move(step));
    co_return false;
  }
  endpoints_ = *found;
  auto& addresses = std::get<Step::Resolve>(step.facts).addresses;
  for (const net::Endpoint& endpoint : endpoints_)
    addresses.push_back(endpoint.address().to_string());
  add(std::move(step));
  co_return true;
}

net::Awaitable<void> Probe::try_address(Attempt& attempt) {
  const auto began = Clock::now();
  attempt.outcome = co_await attempt.dialer.connect(attempt.endpoint, service_.timeouts.connect,
                                                    service_.keepalive);
  attempt.ended = Clock::now();
  attempt.took = attempt.ended - began;
}

// All at once, so the step takes no longer than the slowest address.
net::Awaitable<bool> Probe::connect() {
  const net::Executor executor = worker_.io.get_executor();
  net::Timer all_done(executor, net::Timer::time_point::max());
  std::size_t left = endpoints_.size();
  std::exception_ptr defect;
  for (const net::Endpoint& endpoint : endpoints_)
    attempts_.push_back(std::make_unique<Attempt>(worker_, endpoint, far_side_of(service_)));
  for (const auto& attempt : attempts_)
    asio::co_spawn(executor, try_address(*attempt), [&](const std::exception_ptr& error) {
      if (error) defect = error;
      if (--left == 0) all_done.cancel();
    });
  while (left > 0) co_await all_done.async_wait(net::as_result);
  if (defect) std::rethrow_exception(defect);
  report_attempts();
  if (reached_ == nullptr) co_return false;
  // it may have closed the idle connection meanwhile
  if (Clock::now() - reached_->ended > longest_idle) co_await try_address(*reached_);
  co_return true;
}

net::Awaitable<bool> Probe::connect_local() {
  const auto began = Clock::now();
  attempts_.push_back(std::make_unique<Attempt>(worker_, net::Endpoint(), far_side_of(service_)));
  Attempt& attempt = *attempts_.back();
  const std::string& path = target_.local()->path;
  attempt.outcome = co_await attempt.dialer.connect_local(path, service_.timeouts.connect);
  Step step{Step::Connect{target_.text()}};
  step.took = Clock::now() - began;
  if (attempt.outcome.error) {
    step.status = StepStatus::failed;
    step.problem = net::why_not_reached_locally(path, attempt.outcome, service_.timeouts.connect);
  } else {
    reached_ = &attempt;
  }
  add(std::move(step));
  co_return reached_ != nullptr;
}

void Probe::report_attempts() {
  for (const auto& attempt : attempts_)
    if (!attempt->outcome.error && reached_ == nullptr) reached_ = attempt.get();
  bool before_reached = true;
  for (const auto& attempt : attempts_) {
    Step step{Step::Connect{net::text(attempt->endpoint)}};
    step.took = attempt->took;
    if (attempt.get() == reached_) before_reached = false;
    if (attempt->outcome.error) {
      step.problem =
          net::why_not_reached(net::text(attempt->endpoint), *target_.tcp(), far_side_of(service_),
                               attempt->outcome, service_.timeouts.connect);
      step.status = reached_ == nullptr ? StepStatus::failed : StepStatus::skipped;
      // a refusal costs nothing, but every connection first waits for one that times out
      if (reached_ != nullptr && before_reached && attempt->outcome.error == asio::error::timed_out)
        step.status = StepStatus::warning;
    } else if (attempt.get() != reached_) {
      net::ErrorCode ignored;
      attempt->dialer.socket().close(ignored);
    }
    add(std::move(step));
  }
}

// --- TLS

net::Awaitable<bool> Probe::run_handshake() {
  const auto began = Clock::now();
  engine_.emplace(context_, target_.text(), server_name(service_, target_));
  engine_->keep_certificates();
  stream_.emplace(socket(), *engine_);
  const HandshakeEnd end = co_await tunnel::run_handshake(*stream_, worker_, service_);
  const auto& done = end.result;
  const x509::PeerCertificates& shown = engine_->peer_certificates();
  const bool refused =
      shown.key_refused || (!key_decides() && (shown.chain.has_value() || shown.name.has_value()));
  Step step{Step::Handshake{}};
  step.took = Clock::now() - began;
  if (done) {
    step.facts =
        Step::Handshake{engine_->version(), engine_->suite(), std::string(engine_->group())};
  } else {
    // TLS itself did not fail
    step.status = refused ? StepStatus::skipped : StepStatus::failed;
    step.problem =
        refused ? Error{"broken off before any data: the certificate is refused"} : done.error();
  }
  add(std::move(step));
  if (done || !shown.path.empty())
    report_certificates(done.has_value(), done ? Error() : done.error());
  if (done) co_return true;
  if (refused)
    add({Step::Banner{}, StepStatus::skipped, {}, {"not read: the peer is not verified"}});
  // the far side may want to read the alert
  if (socket().is_open()) co_await net::close_lingering(socket(), patience_for_end);
  co_return false;
}

// Chain and name are then shown, and refuse nobody.
bool Probe::key_decides() const {
  return service_.verify == config::Verify::pin || service_.verify == config::Verify::first_use;
}

void Probe::report_certificates(bool accepted, const Error& failure) {
  const x509::PeerCertificates& shown = engine_->peer_certificates();
  const bool not_decisive = accepted || key_decides();
  const auto set_problem = [&](Step& step, const Error& problem) {
    step.status = not_decisive ? StepStatus::skipped : StepStatus::failed;
    step.problem = problem;
    if (not_decisive) step.problem.what += ", which does not count here";
  };
  Step chain{Step::Chain{shown.path, context_->verifies()}};
  if (shown.key_refused && (key_decides() || (!shown.chain && !shown.name))) {
    chain.status = StepStatus::failed;
    chain.problem = failure;
  } else if (shown.first_use) {
    auto& facts = std::get<Step::Chain>(chain.facts);
    facts.verified = false;
    facts.first_use = true;
    chain.status = StepStatus::warning;
    chain.problem = {
        "no key of this server is known here yet, and the first connection will "
        "remember this one",
        "compare its pin with that of the server's own certificate (there: tunnel pin "
        "FILE.pem)"};
  } else if (shown.chain) {
    set_problem(chain, *shown.chain);
  } else if (!context_->verifies()) {
    chain.status = StepStatus::warning;
    chain.problem = {"nobody knows who that is, since verify = \"none\"", "leave verify out"};
  } else if (auto problem = ends_soon(shown.path, now())) {
    chain.status = StepStatus::warning;
    chain.problem = std::move(*problem);
  }
  add(std::move(chain));
  if (!context_->verifies()) return;
  Step name{Step::Name{server_name(service_, target_).text,
                       shown.path.empty() ? std::vector<std::string>{} : shown.path.front().names}};
  if (key_decides()) {
    name.status = StepStatus::skipped;
    name.problem = {"not checked: only the key counts"};
  } else if (shown.name) {
    set_problem(name, *shown.name);
  }
  add(std::move(name));
}

// --- the banner

template <class Stream>
net::Awaitable<void> Probe::read_banner(Stream& stream) {
  const auto began = Clock::now();
  bool timed_out = false;
  net::Deadline deadline(worker_.io.get_executor());
  const auto stop = [this, &timed_out] {
    timed_out = true;
    net::ErrorCode ignored;
    socket().cancel(ignored);
  };
  deadline.start(banner_.patience(), stop);
  Step step{Step::Banner{}};
  std::string& bytes = std::get<Step::Banner>(step.facts).bytes;
  net::Received got;
  const tls::RecordLayout default_layout;
  while (!timed_out && got.end == net::Received::End::none) {
    if (!stream.ready()) co_await socket().async_wait(net::Socket::wait_read, net::as_result);
    if (timed_out) break;
    net::FirstBytes none;
    auto lease = worker_.buffers.borrow();
    got = stream.receive(lease, default_layout, none);
    if (bytes.empty() && got.size > 0) {
      step.took = Clock::now() - began;
      deadline.start(rest_of_banner, stop);
    }
    for (const auto fragment : lease.fragments().all())
      bytes.append(reinterpret_cast<const char*>(fragment.data()), fragment.size());
    if (bytes.size() >= longest_banner || banner_.is_complete(bytes)) break;
  }
  deadline.stop();
  if (bytes.size() > longest_banner) bytes.resize(longest_banner);
  if (bytes.empty() && (banner_.is_expected() || got.end != net::Received::End::none))
    step.took = Clock::now() - began;
  banner_.judge(step, got.end, engine_ ? engine_->failure() : Error());
  add(std::move(step));
  // close_notify with TLS, then the end of the stream
  if (got.end != net::Received::End::broken) stream.end_now();
  if (socket().is_open()) co_await net::close_lingering(socket(), patience_for_end);
}

net::Awaitable<void> Probe::read_plain_banner() {
  net::PlainStream stream(socket());
  co_await read_banner(stream);
}

net::Awaitable<void> Probe::read_tls_banner() { co_await read_banner(*stream_); }

}  // namespace tunnel::check
