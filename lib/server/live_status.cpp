// Snapshots for the status server, and its change of address at a reload.
#include "server/live_status.hpp"

#include <fmt/format.h>
#include <asio/post.hpp>

#include <utility>

#include "base/text.hpp"
#include "built/version.hpp"

namespace tunnel {

namespace {

LiveStatus::Time now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace

LiveStatus::LiveStatus(const std::vector<std::unique_ptr<Worker>>& workers,
                       const ServiceSet& services, Log& log)
    : workers_(workers),
      services_(services),
      log_(log),
      started_(now()),
      loaded_(started_),
      sample_timer_(workers.front()->io.get_executor()) {}

Result<LiveStatus::Bound> LiveStatus::bind(const std::optional<config::Status>& wanted,
                                           HandedListeners& handed) {
  Bound out{wanted, nullptr};
  if (!wanted || wanted == current_) return out;
  // the same address, for others: it is bound already
  if (current_ && wanted->listen == current_->listen) return out;
  auto server = status::StatusServer::open(
      *wanted,
      [this](status::SnapshotHandler done) {
        asio::post(workers_.front()->io, [this, done = std::move(done)] { collect(done); });
      },
      status::StatusServer::Limits(), handed.take(status_name, wanted->listen));
  if (!server) return server.error();
  out.server = std::move(*server);
  return out;
}

void LiveStatus::commit(Bound bound) {
  const bool moves = current_ && (!bound.wanted || bound.wanted->listen != current_->listen);
  if (moves) {
    server_.reset();
    if (!bound.wanted)
      log_.info("status",
                fmt::format("the status is not served at {} any more", current_->listen.text()));
  }
  if (server_ && bound.wanted) server_->admit({bound.wanted->allow, bound.wanted->token});
  const bool begins = bound.wanted && !current_;
  current_ = std::move(bound.wanted);
  if (begins) take_sample();
  if (!current_) stop_sampling();
  if (!bound.server) return;
  server_ = std::move(bound.server);
  server_->start();
  log_.info("status", "the status is served at " + joined_with_and(server_->addresses()),
            {{"listen", server_->addresses()}});
}

void LiveStatus::close() {
  server_.reset();
  current_.reset();
  stop_sampling();
}

void LiveStatus::take_sample() {
  sample_timer_.start(status::History::interval, [this] { take_sample(); });
  // no connection is described, so that many of them cost little
  services_.collect(
      0, [this](const std::vector<status::ServiceStatus>& services, const StatsCollection&) {
        if (current_) history_.add(std::chrono::steady_clock::now(), services);
      });
}

void LiveStatus::stop_sampling() {
  sample_timer_.stop();
  history_.clear();
}

void LiveStatus::reloaded(bool good) {
  last_reload_good_ = good;
  if (good) loaded_ = now();
}

void LiveStatus::collect(const status::SnapshotHandler& done) const {
  services_.collect(most_connections, [this, done](std::vector<status::ServiceStatus> services,
                                                   StatsCollection stats) {
    auto snapshot = std::make_shared<status::Snapshot>();
    snapshot->version = build_version;
    snapshot->now = now();
    snapshot->started = started_;
    snapshot->workers = workers_.size();
    snapshot->draining = draining_;
    snapshot->last_reload_good = last_reload_good_;
    snapshot->loaded = loaded_;
    snapshot->services = std::move(services);
    snapshot->connections = std::move(stats.connections);
    snapshot->not_shown = stats.not_shown;
    snapshot->log = log_.counts();
    snapshot->recent = log_.recent();
    snapshot->history = history_.samples();
    snapshot->taken = std::chrono::steady_clock::now();
    done(std::move(snapshot));
  });
}

}  // namespace tunnel
