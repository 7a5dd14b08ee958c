// Slots for connections, the workers that they go to, and what the service logs.
#include "server/service.hpp"

#include <fmt/format.h>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <utility>

#include "base/exception_text.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "net/lingering_close.hpp"
#include "os/process/process.hpp"
#include "relay/connection.hpp"
#include "server/listener.hpp"
#include "server/service_text.hpp"

namespace tunnel {

namespace {

// Between two looks at what other threads may have freed.
constexpr std::chrono::milliseconds moment{20};

// Owns the connection for as long as it runs.
net::Awaitable<void> serve(Worker& worker, Log& log,
                           std::shared_ptr<const ServiceSnapshot> snapshot,
                           std::shared_ptr<ServiceCounters> counters,
                           std::shared_ptr<UpstreamPool> upstream_pool, std::uint64_t id,
                           std::shared_ptr<ConnectionSlot> slot, net::Socket socket) {
  Connection connection(worker, log, std::move(snapshot), std::move(counters),
                        std::move(upstream_pool), id, std::move(slot), std::move(socket));
  co_await connection.run();
}

}  // namespace

Service::Service(ServiceSnapshot snapshot, const std::vector<std::unique_ptr<Worker>>& workers,
                 Log& log, DescriptorBudget& descriptors, std::function<void()> on_idle)
    : load_balancer_(std::make_shared<LoadBalancer>(*snapshot.settings)),
      admission_(std::make_shared<Admission>(snapshot.settings, log, descriptors)),
      descriptors_(descriptors),
      counters_(std::make_shared<WorkerCounters>(workers.size())),
      workers_(workers),
      log_(log, snapshot.settings->name),
      on_idle_(std::move(on_idle)),
      slot_free_(workers.front()->io.get_executor(), net::Timer::time_point::max()),
      schedule_timer_(workers.front()->io.get_executor()),
      minute_timer_(workers.front()->io.get_executor()) {
  set_snapshot(std::move(snapshot));
  open_pools();
  log_every_minute();
}

void Service::apply(ServiceSnapshot snapshot) {
  set_snapshot(std::move(snapshot));
  load_balancer_->renew(settings());
  admission_->renew(snapshot_->settings);
  if (schedule_) schedule_->apply(settings(), ServiceSchedule::now());
  close_pools();
  open_pools();
  full_logged_ = false;
  slot_free_.cancel();
}

void Service::set_snapshot(ServiceSnapshot snapshot) {
  snapshot.load_balancer = load_balancer_;
  snapshot_ = std::make_shared<const ServiceSnapshot>(std::move(snapshot));
  update_certificate_monitor();
}

void Service::close() {
  closed_ = true;
  admission_->log_summaries();
  listeners_.clear();
  close_pools();
  slot_free_.cancel();
}

void Service::on_network_change() {
  load_balancer_->clear_ejections();
  for (const auto& pool : upstream_pools_) pool->renew();
}

void Service::on_address_gone() {
  for (const auto& pool : upstream_pools_) pool->renew_stranded();
}

void Service::open_pools() {
  const std::size_t wanted = settings().warm;
  if (wanted == 0) return;
  // each worker preconnects its share for its own clients; with fewer connections than workers,
  // only the first workers get clients
  const std::size_t used = std::min(wanted, workers_.size());
  for (std::size_t i = 0; i < used; ++i) {
    upstream_pools_.push_back(std::make_shared<UpstreamPool>(
        *workers_[i], log_.log(), *snapshot_,
        std::shared_ptr<ServiceStats>(counters_, &(*counters_)[i].stats),
        wanted / used + (i < wanted % used ? 1 : 0)));
    upstream_pools_.back()->start();
  }
}

void Service::close_pools() {
  for (auto& pool : std::exchange(upstream_pools_, {})) {
    ++closing_pools_;
    // the pool's own thread holds it last
    UpstreamPool& closing = *pool;
    closing.close([this, pool = std::move(pool)] {
      asio::post(workers_.front()->io, [this] {
        --closing_pools_;
        if (idle()) on_idle_();
      });
    });
  }
}

// Keeps those of all workers.
std::shared_ptr<ServiceCounters> Service::counters_of(std::size_t worker) const {
  return {counters_, &(*counters_)[worker]};
}

ConnectionSink::Target Service::next_worker() {
  const std::size_t worker =
      next_worker_++ % (upstream_pools_.empty() ? workers_.size() : upstream_pools_.size());
  return {worker, workers_[worker]->io.get_executor()};
}

net::Awaitable<bool> Service::wait_for_slot() {
  if (closed_) co_return true;
  if (const auto limit = os::descriptor_limit()) descriptors_.limit_to(*limit);
  admission_->take_lent();
  while (!descriptors_.has_room()) {
    if (admission_->make_room()) continue;
    co_await wait_for_descriptors();
    co_return false;
  }
  if (std::exchange(starved_logged_, false)) log_.info("accepting", "accepting again");
  if (!admission_->full()) {
    const auto wait = admission_->handshakes_full_for();
    if (!wait) co_return true;
    // a pending handshake may finish before that, on any thread
    net::Timer timer(workers_.front()->io.get_executor(),
                     std::min<Admission::Clock::duration>(*wait, moment));
    co_await timer.async_wait(net::as_result);
    co_return false;
  }
  if (!std::exchange(full_logged_, true))
    log_.warn(
        "full",
        fmt::format("all {} connections are in use: further clients wait; raise max_connections if "
                    "this is too few",
                    settings().max_connections));
  co_await slot_free_.async_wait(net::as_result);
  co_return false;
}

// Connections of other services, on any thread, may give theirs back.
net::Awaitable<void> Service::wait_for_descriptors() {
  if (!std::exchange(starved_logged_, true))
    log_.error(
        "starved",
        "no further client is accepted, since the open connections need all descriptors that "
        "this process may have: new ones wait; raise the limit of open files (ulimit -n), or "
        "lower max_connections");
  net::Timer timer(workers_.front()->io.get_executor(), moment);
  co_await timer.async_wait(net::as_result);
}

void Service::begin(std::size_t worker, const net::Endpoint& from, net::Socket socket) {
  // the timer stood still if the system slept
  if (schedule_ && schedule_->is_set()) check_schedule();
  // it was accepted while the service closed
  if (closed_) return net::reset(socket);
  auto slot = admission_->enter(*workers_[worker], from);
  if (admission_->full())
    for (const auto& listener : listeners_) listener->pause();
  const std::uint64_t id = ++last_id_;
  ++active_;
  try {
    asio::co_spawn(workers_[worker]->io.get_executor(),
                   serve(*workers_[worker], log_.log(), snapshot_, counters_of(worker),
                         worker < upstream_pools_.size() ? upstream_pools_[worker] : nullptr, id,
                         std::move(slot), std::move(socket)),
                   [this, id](std::exception_ptr exception) {
                     // the service belongs to the home worker's thread
                     asio::post(workers_.front()->io, [this, id, exception = std::move(exception)] {
                       if (exception)
                         log_.of_connection(id).error("failed",
                                                      "given up: " + exception_text(exception));
                       on_connection_end();
                     });
                   });
  } catch (...) {
    on_connection_end();
    throw;
  }
}

void Service::on_connection_end() {
  --active_;
  slot_free_.cancel();
  if (admission_->left() > 1) full_logged_ = false;
  if (idle()) on_idle_();
}

// --- the closing time

void Service::check_schedule() {
  if (expired_) return;
  if (!schedule_->is_set()) return schedule_timer_.stop();
  const ServiceSchedule::State state = schedule_->poll(ServiceSchedule::now());
  if (state.expired) return expire();
  if (state.warning)
    log_.warn(
        "closing",
        fmt::format("closes in {} ({}){}", duration_text(*state.warning), schedule_->text(),
                    active_ == 0 ? std::string()
                                 : fmt::format("; {} open, and what is left of them will be reset",
                                               connections_text(active_))));
  schedule_timer_.start(state.next_poll, [this] { check_schedule(); });
}

void Service::expire() {
  expired_ = true;
  const std::string why = fmt::format("the service has closed ({})", schedule_->text());
  log_.info("closed", fmt::format("closed at its time ({}); {}", schedule_->text(),
                                  active_ == 0   ? "no connection was open"
                                  : active_ == 1 ? "1 connection is reset"
                                                 : connections_text(active_) + " are reset"));
  for (const auto& listener : listeners_) listener->close();
  close();
  for (const auto& worker : workers_)
    asio::post(worker->io, [&worker = *worker, admission = admission_, why] {
      // stop() ends no connection before this loop is done, so the set stays as it is
      for (Connection* connection : worker.connections)
        if (connection->admitted_by(*admission)) connection->stop("reset, since " + why);
    });
  // not now: a listener may be the caller
  schedule_timer_.start(std::chrono::milliseconds(1), [this] {
    if (idle()) on_idle_();
  });
}

void Service::log_every_minute() {
  minute_timer_.start(std::chrono::minutes(1), [this] {
    admission_->log_summaries();
    check_certificate();
    log_every_minute();
  });
}

void Service::update_certificate_monitor() {
  const auto& certificate = snapshot_->certificate;
  // an unchanged certificate keeps its monitor, so that a reload repeats no warning
  if (certificate_monitor_ && certificate &&
      certificate_monitor_->not_after() == certificate->not_after &&
      certificate_monitor_->subject() == certificate->subject)
    return;
  certificate_monitor_.reset();
  if (certificate)
    certificate_monitor_.emplace(certificate->subject, shown(settings().cert->path),
                                 certificate->not_after, snapshot_->watched);
}

void Service::check_certificate() {
  if (!certificate_monitor_ || closed_) return;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (const auto warning = certificate_monitor_->poll(now))
    log_.write(warning->level, "expiry", warning->error.message());
}

void Service::set_listeners(std::vector<std::shared_ptr<Listener>> listeners) {
  listeners_ = std::move(listeners);
  std::vector<std::string> listen;
  for (const auto& listener : listeners_) listen.push_back(listener->text());
  std::vector<std::string> connect;
  for (const config::SocketAddress& target : settings().connect) connect.push_back(target.text());
  std::string message = listening_text(settings(), listen, connect);
  if (!schedule_) schedule_.emplace(settings(), ServiceSchedule::now());
  if (schedule_->is_set()) message += ", " + schedule_->text();
  if (message != announced_) log_listening(message, listen, connect);
  announced_ = message;
  check_certificate();
  check_schedule();
}

void Service::set_certificate_doubts(const std::vector<Error>& doubts) {
  std::vector<std::string> messages;
  for (const Error& doubt : doubts) messages.push_back(doubt.message());
  if (messages != doubts_)
    for (const std::string& message : messages) log_.warn("certificate", message);
  doubts_ = std::move(messages);
}

void Service::replace_listeners(const std::vector<std::shared_ptr<Listener>>& old,
                                const std::vector<std::shared_ptr<Listener>>& fresh) {
  std::erase_if(listeners_,
                [&](const auto& listener) { return std::ranges::count(old, listener) != 0; });
  listeners_.insert(listeners_.end(), fresh.begin(), fresh.end());
}

void Service::log_listening(const std::string& message, const std::vector<std::string>& listen,
                            const std::vector<std::string>& connect) const {
  log_.info("listening", message, {{"listen", listen}, {"connect", connect}});
  if (!settings().notice.empty()) log_.warn("notice", settings().notice);
  if (settings().connects_tls() && settings().verify == config::Verify::none)
    log_.warn("unverified",
              "verify = \"none\": anybody on the way can read and change what goes through "
              "this tunnel; name the authority with ca = \"...\" and remove verify");
}

}  // namespace tunnel
