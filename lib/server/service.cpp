// Slots for connections, the workers that they go to, and what is said of it.
#include "server/service.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <utility>

#include "base/exception_text.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "net/lingering_close.hpp"
#include "relay/connection.hpp"
#include "server/listener.hpp"

namespace tunnel {

namespace {

// Owns the connection for as long as it runs.
net::Awaitable<void> serve(Worker& worker, Log& log, std::shared_ptr<const ServiceSnapshot> terms,
                           ServiceCounters& counters, std::shared_ptr<UpstreamPool> warm,
                           std::uint64_t id, std::shared_ptr<ConnectionSlot> slot,
                           net::Socket socket) {
  Connection connection(worker, log, std::move(terms), counters, std::move(warm), id,
                        std::move(slot), std::move(socket));
  co_await connection.run();
}

}  // namespace

std::string connections_text(std::size_t n) {
  return fmt::format("{} connection{}", n, n == 1 ? "" : "s");
}

Service::Service(ServiceSnapshot terms, const std::vector<std::unique_ptr<Worker>>& workers,
                 Log& log, std::function<void()> idle)
    : targets_(std::make_shared<LoadBalancer>(*terms.settings)),
      admission_(std::make_shared<Admission>(terms.settings, log)),
      counters_(std::make_shared<WorkerCounters>(workers.size())),
      workers_(workers),
      log_(log, terms.settings->name),
      idle_(std::move(idle)),
      slot_free_(workers.front()->io.get_executor(), net::Timer::time_point::max()),
      clock_(workers.front()->io.get_executor()),
      minute_(workers.front()->io.get_executor()) {
  take(std::move(terms));
  open_warm();
  tell_every_minute();
}

void Service::renew(ServiceSnapshot terms) {
  take(std::move(terms));
  targets_->renew(settings());
  admission_->renew(terms_->settings);
  if (closing_) closing_->renew(settings(), ServiceSchedule::now());
  close_warm();
  open_warm();
  full_ = false;
  slot_free_.cancel();
}

void Service::take(ServiceSnapshot terms) {
  terms.targets = targets_;
  terms_ = std::make_shared<const ServiceSnapshot>(std::move(terms));
  watch_certificate();
}

void Service::close() {
  closed_ = true;
  admission_->tell_counted();
  listeners_.clear();
  close_warm();
  slot_free_.cancel();
}

void Service::on_network_change() {
  targets_->forget();
  for (const auto& warm : warm_) warm->renew();
}

void Service::on_address_gone() {
  for (const auto& warm : warm_) warm->renew_stranded();
}

void Service::open_warm() {
  const std::size_t wanted = settings().warm;
  if (wanted == 0) return;
  // each worker keeps its share ready for its own clients; a worker without clients has none
  const std::size_t used = std::min(wanted, workers_.size());
  for (std::size_t i = 0; i < used; ++i) {
    warm_.push_back(std::make_shared<UpstreamPool>(*workers_[i], log_.log(), *terms_,
                                                   wanted / used + (i < wanted % used ? 1 : 0)));
    warm_.back()->start();
  }
}

void Service::close_warm() {
  for (auto& warm : std::exchange(warm_, {})) {
    ++leaving_;
    // the last to hold it is on its own thread
    UpstreamPool& leaving = *warm;
    leaving.close([this, warm = std::move(warm)] {
      asio::post(workers_.front()->io, [this] {
        --leaving_;
        if (idle()) idle_();
      });
    });
  }
}

ConnectionSink::Target Service::next_worker() {
  const std::size_t worker = next_worker_++ % (warm_.empty() ? workers_.size() : warm_.size());
  return {worker, workers_[worker]->io.get_executor()};
}

net::Awaitable<bool> Service::wait_for_slot() {
  if (closed_) co_return true;
  if (!admission_->full()) {
    const auto wait = admission_->crowded_for();
    if (!wait) co_return true;
    // a good one may be done at any moment, on any thread
    constexpr std::chrono::milliseconds moment{20};
    net::Timer timer(workers_.front()->io.get_executor(),
                     std::min<Admission::Clock::duration>(*wait, moment));
    co_await timer.async_wait(net::as_result);
    co_return false;
  }
  if (!std::exchange(full_, true))
    log_.warn(
        "full",
        fmt::format("all {} connections are in use: further clients wait; raise max_connections if "
                    "this is too few",
                    settings().max_connections));
  co_await slot_free_.async_wait(net::as_result);
  co_return false;
}

void Service::begin(std::size_t worker, const net::Endpoint& from, net::Socket socket) {
  // the timer may have slept with the system
  if (closing_ && closing_->set()) watch_clock();
  // it came while the door was closing
  if (closed_) return net::reset(socket);
  auto slot = admission_->enter(*workers_[worker], from);
  if (admission_->full())
    for (const auto& listener : listeners_) listener->pause();
  const std::uint64_t id = ++last_id_;
  ++active_;
  try {
    asio::co_spawn(workers_[worker]->io.get_executor(),
                   serve(*workers_[worker], log_.log(), terms_, (*counters_)[worker],
                         worker < warm_.size() ? warm_[worker] : nullptr, id, std::move(slot),
                         std::move(socket)),
                   [this, id](std::exception_ptr exception) {
                     // the service, and what a reload gives it, belong to the home worker
                     asio::post(workers_.front()->io, [this, id, exception = std::move(exception)] {
                       if (exception)
                         log_.of_connection(id).error("failed",
                                                      "given up: " + exception_text(exception));
                       ended();
                     });
                   });
  } catch (...) {
    ended();
    throw;
  }
}

void Service::ended() {
  --active_;
  slot_free_.cancel();
  if (admission_->left() > 1) full_ = false;
  if (idle()) idle_();
}

// --- the closing time

void Service::watch_clock() {
  if (over_) return;
  if (!closing_->set()) return clock_.stop();
  const ServiceSchedule::Look look = closing_->look(ServiceSchedule::now());
  if (look.over) return close_for_good();
  if (look.warning)
    log_.warn(
        "closing",
        fmt::format("closes in {} ({}){}", duration_text(*look.warning), closing_->text(),
                    active_ == 0 ? std::string()
                                 : fmt::format("; {} open, and what is left of them will be reset",
                                               connections_text(active_))));
  clock_.start(look.again, [this] { watch_clock(); });
}

void Service::close_for_good() {
  over_ = true;
  const std::string why = fmt::format("the service has closed ({})", closing_->text());
  log_.info("closed", fmt::format("closed at its time ({}); {}", closing_->text(),
                                  active_ == 0   ? "no connection was open"
                                  : active_ == 1 ? "1 connection is reset"
                                                 : connections_text(active_) + " are reset"));
  for (const auto& listener : listeners_) listener->close();
  close();
  for (const auto& worker : workers_)
    asio::post(worker->io, [&worker = *worker, door = admission_, why] {
      // stopping does not end a connection before the loop is through: the set stays as it is
      for (Connection* connection : worker.connections)
        if (connection->came_by(*door)) connection->stop("reset, since " + why);
    });
  // not now: this may be called on behalf of a listener
  clock_.start(std::chrono::milliseconds(1), [this] {
    if (idle()) idle_();
  });
}

void Service::tell_every_minute() {
  minute_.start(std::chrono::minutes(1), [this] {
    admission_->tell_counted();
    look_at_certificate();
    tell_every_minute();
  });
}

status::ServiceStatus Service::status(const StatsCollection::Sum& sum) const {
  const config::Service& settings = this->settings();
  status::ServiceStatus out;
  out.name = name();
  out.mode = settings.connects_tls() ? "client" : settings.accepts_tls() ? "server" : "plain";
  out.state = over_ ? "closed" : closed_ ? "leaving" : "open";
  for (const auto& listener : listeners_) out.listen.push_back(listener->text());
  for (const config::HostPort& target : settings.connect) out.connect.push_back(target.text());
  out.max_connections = settings.max_connections;
  out.accepted = last_id_;
  out.opened = sum.opened;
  out.failed = sum.failed;
  out.current = active_;
  out.open = sum.open;
  out.up = sum.up;
  out.down = sum.down;
  if (certificate_monitor_)
    out.certificate = status::CertificateStatus{certificate_monitor_->subject(),
                                                certificate_monitor_->not_after()};
  return out;
}

void Service::watch_certificate() {
  const auto& certificate = terms_->certificate;
  // a reload that changes nothing repeats no warning
  if (certificate_monitor_ && certificate &&
      certificate_monitor_->not_after() == certificate->not_after &&
      certificate_monitor_->subject() == certificate->subject)
    return;
  certificate_monitor_.reset();
  if (certificate)
    certificate_monitor_.emplace(certificate->subject, shown(settings().cert->path),
                                 certificate->not_after);
}

void Service::look_at_certificate() {
  if (!certificate_monitor_ || closed_) return;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (const auto warning = certificate_monitor_->look(now))
    log_.write(warning->level, "expiry", warning->words.message());
}

void Service::announce(std::vector<std::shared_ptr<Listener>> listeners) {
  listeners_ = std::move(listeners);
  const config::Service& settings = this->settings();
  std::vector<std::string> listen;
  for (const auto& listener : listeners_) listen.push_back(listener->text());
  std::vector<std::string> connect;
  for (const config::HostPort& target : settings.connect) connect.push_back(target.text());

  const bool verified = settings.verify != config::Verify::none;
  std::string message = fmt::format("listening on {}", joined_with_and(listen));
  std::string targets = fmt::format(
      "{}", fmt::join(connect, settings.balance == config::Balance::order ? ", then " : " or "));
  if (settings.balance == config::Balance::round_robin) targets += " by turns";
  if (settings.balance == config::Balance::random) targets += " at random";
  if (settings.connects_tls())
    message +=
        fmt::format(", tunnels to {} over {} TLS", targets, verified ? "verified" : "unverified");
  else if (settings.accepts_tls())
    message += fmt::format(" for TLS{}, forwards to {} in the clear",
                           settings.authenticates_clients() ? " of known clients" : "", targets);
  else
    message += fmt::format(", relays to {} as it is, without TLS", targets);
  if (!closing_) closing_.emplace(settings, ServiceSchedule::now());
  if (closing_->set()) message += ", " + closing_->text();
  if (message != announced_) say_listening(message, listen, connect);
  announced_ = message;
  look_at_certificate();
  watch_clock();
}

void Service::replace(const std::vector<std::shared_ptr<Listener>>& old,
                      const std::vector<std::shared_ptr<Listener>>& fresh) {
  std::erase_if(listeners_,
                [&](const auto& listener) { return std::ranges::count(old, listener) != 0; });
  listeners_.insert(listeners_.end(), fresh.begin(), fresh.end());
}

void Service::say_listening(const std::string& message, const std::vector<std::string>& listen,
                            const std::vector<std::string>& connect) {
  log_.info("listening", message, {{"listen", listen}, {"connect", connect}});
  if (!settings().notice.empty()) log_.warn("notice", settings().notice);
  if (settings().connects_tls() && settings().verify == config::Verify::none)
    log_.warn("unverified",
              "verify = \"none\": anybody on the way can read and change what goes through "
              "this tunnel; name "
              "the authority with ca = \"...\" and remove verify");
}

}  // namespace tunnel
