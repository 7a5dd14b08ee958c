// Slots for connections, the workers that they go to, and what is said of it.
#include "tunnel/service.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "net/closing.hpp"
#include "tunnel/connection.hpp"
#include "tunnel/listener.hpp"

namespace tunnel {

namespace {

// Owns the connection for as long as it runs.
net::Awaitable<void> serve(Worker& worker, Log& log, Terms terms, std::shared_ptr<Warm> warm,
                           std::uint64_t id, net::Socket socket) {
  Connection connection(worker, log, std::move(terms), std::move(warm), id, std::move(socket));
  co_await connection.run();
}

}  // namespace

std::string words_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown";
  }
}

Service::Service(Terms terms, const std::vector<std::unique_ptr<Worker>>& workers, Log& log,
                 std::function<void()> idle)
    : terms_(std::move(terms)),
      workers_(workers),
      log_(log),
      idle_(std::move(idle)),
      slot_free_(workers.front()->io.get_executor(), net::Timer::time_point::max()) {
  open_warm();
}

void Service::renew(Terms terms) {
  terms_ = std::move(terms);
  close_warm();
  open_warm();
  full_ = false;
  slot_free_.cancel();
}

void Service::close() {
  closed_ = true;
  listeners_.clear();
  close_warm();
  slot_free_.cancel();
}

void Service::open_warm() {
  const std::size_t wanted = settings().warm;
  if (wanted == 0) return;
  // each worker keeps its share ready for its own clients; who has none gets no clients
  const std::size_t used = std::min(wanted, workers_.size());
  for (std::size_t i = 0; i < used; ++i) {
    warm_.push_back(std::make_shared<Warm>(*workers_[i], log_, terms_,
                                           wanted / used + (i < wanted % used ? 1 : 0)));
    warm_.back()->start();
  }
}

void Service::close_warm() {
  for (auto& warm : std::exchange(warm_, {})) {
    ++leaving_;
    // the last to hold it is on its own thread
    Warm& leaving = *warm;
    leaving.close([this, warm = std::move(warm)] {
      asio::post(workers_.front()->io, [this] {
        --leaving_;
        if (idle()) idle_();
      });
    });
  }
}

std::size_t Service::next_worker() {
  return next_worker_++ % (warm_.empty() ? workers_.size() : warm_.size());
}

net::Awaitable<void> Service::wait_for_slot() {
  while (!closed_ && active_ >= settings().max_connections) {
    if (!std::exchange(full_, true))
      log_.write(
          event(LogLevel::warn, "full",
                fmt::format(
                    "all {} connections are in use: further clients wait; raise max_connections if "
                    "this is too few",
                    settings().max_connections)));
    co_await slot_free_.async_wait(net::as_result);
  }
}

void Service::begin(std::size_t worker, net::Socket socket) {
  // it came while the door was closing
  if (closed_) return net::reset(socket);
  ++active_;
  if (active_ >= settings().max_connections)
    for (const auto& listener : listeners_) listener->hold();
  const std::uint64_t id = ++last_id_;
  asio::co_spawn(executor(worker),
                 serve(*workers_[worker], log_, terms_,
                       worker < warm_.size() ? warm_[worker] : nullptr, id, std::move(socket)),
                 [this, id](const std::exception_ptr& exception) {
                   if (exception) {
                     LogEvent out =
                         event(LogLevel::error, "failed", "given up: " + words_of(exception));
                     out.connection = id;
                     log_.write(out);
                   }
                   asio::post(workers_.front()->io, [this] { ended(); });
                 });
}

void Service::ended() {
  --active_;
  slot_free_.cancel();
  if (active_ + 1 < settings().max_connections) full_ = false;
  if (idle()) idle_();
}

LogEvent Service::event(LogLevel level, std::string_view name, std::string message) const {
  return {level, name, this->name(), 0, std::move(message), {}};
}

void Service::say(LogLevel level, std::string_view name, std::string message) {
  log_.write(event(level, name, std::move(message)));
}

void Service::announce(std::vector<std::shared_ptr<Listener>> listeners) {
  listeners_ = std::move(listeners);
  const config::Service& settings = this->settings();
  std::vector<std::string> listen;
  for (const auto& listener : listeners_) listen.push_back(net::text(listener->endpoint()));
  std::vector<std::string> connect;
  for (const config::HostPort& target : settings.connect) connect.push_back(target.text());

  const bool verified = settings.verify != config::Verify::none;
  std::string message = fmt::format("listening on {}", joined_with_and(listen));
  const std::string targets = fmt::format("{}", fmt::join(connect, ", then "));
  if (settings.connects_tls())
    message +=
        fmt::format(", tunnels to {} over {} TLS", targets, verified ? "verified" : "unverified");
  else if (settings.accepts_tls())
    message += fmt::format(" for TLS{}, forwards to {} in the clear",
                           settings.authenticates_clients() ? " of known clients" : "", targets);
  else
    message += fmt::format(", relays to {} as it is, without TLS", targets);
  if (message == announced_) return;
  announced_ = message;
  LogEvent out = event(LogLevel::info, "listening", std::move(message));
  out.fields.emplace_back("listen", listen);
  out.fields.emplace_back("connect", connect);
  log_.write(out);
  if (settings.connects_tls() && !verified)
    log_.write(event(LogLevel::warn, "unverified",
                     "verify = \"none\": anybody on the way can read and change what goes through "
                     "this tunnel; name "
                     "the authority with ca = \"...\" and remove verify"));
}

}  // namespace tunnel
