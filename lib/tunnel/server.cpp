// Workers, signals and the order of starting and stopping.
#include "tunnel/server.hpp"

#include <fmt/format.h>
#include <asio/post.hpp>

#include <algorithm>
#include <csignal>

#include "base/text.hpp"
#include "tunnel/connection.hpp"

namespace tunnel {

namespace {

std::vector<std::unique_ptr<Worker>> make_workers(std::size_t count) {
  if (count == 0) count = std::clamp(std::thread::hardware_concurrency(), 1U, 4U);
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::size_t i = 0; i < count; ++i) workers.push_back(std::make_unique<Worker>());
  return workers;
}

std::string connections_text(std::size_t n) {
  return fmt::format("{} connection{}", n, n == 1 ? "" : "s");
}

}  // namespace

Server::Server(const config::Config& config,
               const std::vector<std::shared_ptr<const tls::Context>>& contexts, Log& log)
    : config_(config),
      log_(log),
      workers_(make_workers(config.process.workers)),
      signals_(workers_.front()->io),
      drain_deadline_(workers_.front()->io.get_executor()) {
  for (std::size_t i = 0; i < config.services.size(); ++i)
    services_.push_back(std::make_unique<Service>(config.services[i], contexts[i], workers_, log,
                                                  [this] { finish_if_idle(); }));
}

Server::~Server() = default;

bool Server::listen() {
  bool good = true;
  for (const auto& service : services_) {
    for (const Error& error : service->listen()) {
      good = false;
      log_.write({LogLevel::error, "failed", service->name(), 0, error.message(), {}});
    }
  }
  if (!good)
    for (const auto& service : services_) service->close();
  return good;
}

bool Server::run() {
  net::ErrorCode ignored;
  signals_.add(SIGINT, ignored);
  signals_.add(SIGTERM, ignored);
  wait_for_signal();
  for (const auto& service : services_) service->start();
  for (const auto& worker : workers_) guards_.emplace_back(worker->io.get_executor());
  for (std::size_t i = 1; i < workers_.size(); ++i)
    threads_.emplace_back([&io = workers_[i]->io] { io.run(); });
  workers_.front()->io.run();
  for (const auto& worker : workers_) worker->io.stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  return hurried_;
}

void Server::wait_for_signal() {
  signals_.async_wait([this](const net::ErrorCode& error, int signal) {
    if (error) return;
    const std::string_view name = signal == SIGINT ? "SIGINT" : "SIGTERM";
    if (!draining_) {
      wait_for_signal();
      drain(name);
    } else {
      hurried_ = true;
      log_.write({LogLevel::warn,
                  "stopping",
                  "",
                  0,
                  fmt::format("a second signal ({}): {} reset", name, connections_text(active())),
                  {}});
      cut_all("reset, since the tunnel was stopped at once");
    }
  });
}

void Server::drain(std::string_view cause) {
  if (draining_) return;
  draining_ = true;
  const std::size_t open = active();
  for (const auto& service : services_) service->close();
  const auto limit = config_.process.drain_timeout;
  std::string message = fmt::format("{}: no new connections", cause);
  if (open > 0)
    message +=
        fmt::format("; {} may finish{}; a second signal stops at once", connections_text(open),
                    limit.count() == 0 ? std::string() : " within " + duration_text(limit));
  log_.write(
      {LogLevel::info, "draining", "", 0, message, {{"active", static_cast<std::int64_t>(open)}}});
  drain_deadline_.start(limit, [this] {
    log_.write({LogLevel::warn,
                "stopping",
                "",
                0,
                fmt::format("{} did not finish in time and {} reset", connections_text(active()),
                            active() == 1 ? "is" : "are"),
                {}});
    cut_all("reset, since it did not finish before the tunnel had to stop");
  });
  finish_if_idle();
}

void Server::cut_all(const std::string& why) {
  for (const auto& worker : workers_)
    asio::post(worker->io, [&worker = *worker, why] {
      // stopping does not end a connection before the loop is through: the set stays as it is
      for (Connection* connection : worker.connections) connection->stop(why);
    });
}

std::size_t Server::active() const {
  std::size_t n = 0;
  for (const auto& service : services_) n += service->active();
  return n;
}

void Server::finish_if_idle() {
  if (!draining_ || active() != 0) return;
  drain_deadline_.stop();
  net::ErrorCode ignored;
  signals_.cancel(ignored);
  log_.write({LogLevel::info, "stopped", "", 0, "stopped", {}});
  guards_.clear();
  workers_.front()->io.stop();
}

}  // namespace tunnel
