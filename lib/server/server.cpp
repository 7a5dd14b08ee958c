// Workers, signals, and the order of startup and shutdown.
#include "server/server.hpp"

#include <fmt/format.h>
#include <asio/post.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <new>
#include <system_error>

#include "base/text.hpp"
#include "log/service_log.hpp"
#include "os/process/process.hpp"
#include "os/terminal/terminal.hpp"
#include "relay/connection.hpp"
#include "server/log_target.hpp"
#include "server/service_text.hpp"
#include "tls/accelerator.hpp"

namespace tunnel {

namespace {

std::vector<std::unique_ptr<Worker>> make_workers(std::size_t count) {
  if (count == 0) count = std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::size_t i = 0; i < count; ++i) workers.push_back(std::make_unique<Worker>());
  return workers;
}

}  // namespace

Server::Server(const config::Process& process, ConfigLoader loader, const Sandbox& sandbox,
               Log& log, const os::ServiceManager& manager, KeeperLink* keeper)
    : process_(process),
      loader_(std::move(loader)),
      sandbox_(sandbox),
      log_(log),
      manager_(manager),
      workers_(make_workers(process.workers)),
      services_(workers_, log, manager, descriptors_,
                [this] {
                  end_if_unused();
                  // which may have drained, and finished, already
                  if (!guards_.empty()) finish_if_idle();
                }),
      notifier_(manager, workers_, [this] { return status(); }),
      status_(workers_, services_, log),
      signals_(workers_.front()->io),
      drain_deadline_(workers_.front()->io.get_executor()),
      unused_deadline_(workers_.front()->io.get_executor()),
      health_monitor_(workers_, log, services_),
      renewer_(workers_.front()->io.get_executor(), loader_, sandbox, services_, log),
      keeper_(keeper) {}

Server::~Server() {
  if (keeper_ != nullptr) keeper_->stop();
  if (loading_thread_.joinable()) loading_thread_.join();
}

bool Server::listen(RuntimeConfig runtime, const std::vector<HandedAddress>& handed,
                    const std::vector<BindRefusal>& refusals) {
  for (const auto& refusal : refusals) log_refusal("failed", refusal);
  if (!refusals.empty()) return false;
  handed_ = HandedListeners(workers_.front()->io.get_executor(), handed);
  return listen(std::move(runtime));
}

bool Server::listen(RuntimeConfig runtime) {
  auto status = status_.bind(runtime.config.status, handed_);
  if (!status) {
    log_refusal("failed", {status_name, status.error()});
    return false;
  }
  auto bound = services_.bind(std::move(runtime), std::move(handed_));
  if (const auto* refusals = std::get_if<std::vector<BindRefusal>>(&bound)) {
    for (const auto& refusal : *refusals) log_refusal("failed", refusal);
    return false;
  }
  bound_ = std::move(std::get<BoundListeners>(bound));
  status_bound_ = std::move(*status);
  return true;
}

void Server::log_refusal(std::string_view event, const BindRefusal& refusal) {
  if (refusal.service == status_name)
    log_.error(event, "[status] listen: " + refusal.error.message());
  else
    ServiceLog(log_, refusal.service).error(event, refusal.error.message());
}

std::vector<Listening> Server::listening() const {
  std::vector<Listening> out;
  for (const config::Service& service : bound_->runtime.config.services) {
    out.push_back({service.name, {}});
    for (const auto& listener : bound_->of(service.name))
      if (const auto endpoint = listener->endpoint(); !net::is_local(endpoint))
        out.back().addresses.push_back(endpoint);
  }
  return out;
}

bool Server::run(Signals signals) {
  if (keeper_ != nullptr) {
    keeper_->listen([this](std::optional<KeeperOrder> order) {
      auto shared = std::make_shared<std::optional<KeeperOrder>>(std::move(order));
      asio::post(workers_.front()->io, [this, shared] { obey(std::move(*shared)); });
    });
  } else if (signals == Signals::own) {
    for (const int signal : {SIGINT, SIGTERM, os::reload_signal, os::status_signal}) {
      net::ErrorCode ignored;
      if (signal != 0) signals_.add(signal, ignored);
    }
    wait_for_signal();
    watch_requests();
  }
  descriptors_.set_open(os::open_descriptors());
  if (const auto limit = os::descriptor_limit()) descriptors_.limit_to(*limit);
  commit(std::move(*bound_));
  bound_.reset();
  notifier_.ready();
  health_monitor_.start();
  status_.commit(std::move(*status_bound_));
  status_bound_.reset();
  sandbox_.report_missing(log_);
  if (const std::string slow = tls::slowness(); !slow.empty()) log_.info("slow", slow);
  for (const auto& worker : workers_) guards_.emplace_back(worker->io.get_executor());
  for (std::size_t i = 1; i < workers_.size(); ++i)
    threads_.emplace_back([&io = workers_[i]->io] { io.run(); });
  workers_.front()->io.run();
  manager_.on_request({});
  reload_event_.reset();
  status_.close();
  for (const auto& worker : workers_) worker->io.stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  return stopped_at_once_;
}

void Server::commit(BoundListeners bound) {
  FileStamps files = std::move(bound.runtime.files);
  services_.commit(std::move(bound));
  // a keeper watches them for us
  if (keeper_ == nullptr) renewer_.watch(std::move(files));
}

Totals Server::traffic() const {
  Totals totals;
  for (const auto& worker : workers_) totals += worker->traffic;
  return totals;
}

void Server::wait_for_signal() {
  signals_.async_wait([this](const net::ErrorCode& error, int signal) {
    if (error) return;
    if (!stopped_at_once_) wait_for_signal();
    if (signal == os::reload_signal)
      on_sighup();
    else if (signal == os::status_signal)
      log_status();
    else
      stop(signal == SIGINT ? "SIGINT" : "SIGTERM");
  });
}

// A closed terminal sends SIGHUP to its programs, and its shell may send it once more.
void Server::on_sighup() {
  if (!os::has_hung_up(stdin) && !os::has_hung_up(stderr)) return reload("SIGHUP");
  if (!draining_) drain("the terminal is closed");
}

void Server::watch_requests() {
  const auto request_reload = [this](std::string_view cause) {
    asio::post(workers_.front()->io, [this, cause] { reload(cause); });
  };
  manager_.on_request([this, request_reload](os::ServiceManager::Request request) {
    static constexpr std::string_view cause = "service manager";
    if (request == os::ServiceManager::Request::stop)
      end(std::string(cause));
    else
      request_reload(cause);
  });
  auto event = os::ReloadEvent::listen([request_reload] { request_reload("reload event"); });
  if (!event) {
    log_.warn("reload", event.error().message());
  } else if (*event) {
    reload_event_ = std::move(*event);
    log_.info("reload_event",
              "set the event " + reload_event_->name() + " to have the configuration read again",
              {{"name", reload_event_->name()}});
  }
}

void Server::end(std::string cause) {
  asio::post(workers_.front()->io, [this, cause = std::move(cause)] { stop(cause); });
}

void Server::end_unused(std::string cause, std::chrono::milliseconds patience,
                        std::function<void(Waiting)> report) {
  asio::post(workers_.front()->io,
             [this, cause = std::move(cause), patience, report = std::move(report)] {
               if (draining_) return;
               unused_cause_ = cause;
               if (services_.accepted() > 0 && services_.idle()) return drain(unused_cause_);
               report_waiting_ = report;
               if (services_.accepted() == 0)
                 await_first_connection(patience);
               else
                 await_last_connection();
             });
}

void Server::await_first_connection(std::chrono::milliseconds patience) {
  // a browser opens several connections, and some viewers connect again after asking for a password
  unused_pause_ = std::chrono::seconds(3);
  report_waiting_(Waiting::first_connection);
  unused_deadline_.start(patience, [this] {
    if (services_.accepted() > 0) return;
    report_waiting_(Waiting::nothing_came);
    drain(unused_cause_);
  });
}

void Server::await_last_connection() {
  // most commands leave nothing behind but a close that is on its way
  unused_deadline_.start(std::chrono::seconds(1),
                         [this] { report_waiting_(Waiting::last_connection); });
}

void Server::end_if_unused() {
  if (!report_waiting_ || draining_ || services_.accepted() == 0 || !services_.idle()) return;
  if (unused_pause_.count() == 0) return drain(unused_cause_);
  unused_deadline_.start(unused_pause_, [this] {
    if (services_.idle()) drain(unused_cause_);
  });
}

void Server::stop(std::string_view cause) {
  if (!draining_) return drain(cause);
  if (std::exchange(stopped_at_once_, true)) return;
  log_.warn("stopping", fmt::format("a second signal ({}): {} reset", cause,
                                    connections_text(services_.active())));
  reset_all("reset, since the tunnel was stopped at once");
}

void Server::log_status() {
  log_.reopen();
  services_.log_status();
}

// --- stopping

void Server::drain(std::string_view cause) {
  if (draining_) return;
  draining_ = true;
  status_.draining();
  const std::size_t open = to_drain_ = services_.active();
  services_.close();
  const auto limit = process_.drain_timeout;
  std::string message = fmt::format("{}: no new connections", cause);
  if (open > 0)
    message +=
        fmt::format("; {} may finish{}; a second signal stops at once", connections_text(open),
                    limit.count() == 0 ? std::string() : " within " + duration_text(limit));
  log_.info("draining", message, {{"active", static_cast<std::int64_t>(open)}});
  notifier_.stopping(limit);
  drain_deadline_.start(limit, [this] {
    log_.warn("stopping", fmt::format("{} did not finish in time and {} reset",
                                      connections_text(services_.active()),
                                      services_.active() == 1 ? "is" : "are"));
    reset_all("reset, since it did not finish before the tunnel had to stop");
  });
  finish_if_idle();
}

std::string Server::status() const {
  return fmt::format("{}{} service{}, {}", draining_ ? "stopping: " : "", services_.size(),
                     services_.size() == 1 ? "" : "s", connections_text(services_.active()));
}

void Server::reset_all(const std::string& why) {
  reset_ = std::max(reset_, services_.active());
  for (const auto& worker : workers_)
    asio::post(worker->io, [&worker = *worker, why] {
      // stop() ends no connection before this loop is done, so the set stays as it is
      for (Connection* connection : worker.connections) connection->stop(why);
    });
}

void Server::finish_if_idle() {
  if ((!draining_ && !services_.expired()) || !services_.idle()) return;
  drain_deadline_.stop();
  unused_deadline_.stop();
  net::ErrorCode ignored;
  signals_.cancel(ignored);
  std::string message = draining_ ? "stopped" : "stopped: every service has closed at its time";
  if (to_drain_ > 0)
    message += fmt::format(": {} of {} finished, {} reset", to_drain_ - reset_,
                           connections_text(to_drain_), reset_);
  log_.info("stopped", std::move(message),
            {{"finished", static_cast<std::int64_t>(to_drain_ - reset_)},
             {"reset", static_cast<std::int64_t>(reset_)}});
  guards_.clear();
  workers_.front()->io.stop();
}

}  // namespace tunnel
