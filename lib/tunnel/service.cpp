// The accept loop: a slot before each connection, patience when the system has no descriptors left.
#include "tunnel/service.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <exception>
#include <utility>

#include "base/text.hpp"
#include "os/socket.hpp"
#include "tunnel/connection.hpp"

namespace tunnel {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_back_off{5};
constexpr milliseconds longest_back_off{1000};

// Owns the connection for as long as it runs.
net::Awaitable<void> serve(Worker& worker, Log& log, const config::Service& settings,
                           std::shared_ptr<const tls::Context> context, Warm* warm,
                           std::uint64_t id, net::Socket socket) {
  Connection connection(worker, log, settings, std::move(context), warm, id, std::move(socket));
  co_await connection.run();
}

std::string words_of(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown";
  }
}

}  // namespace

Service::Service(const config::Service& settings, std::shared_ptr<const tls::Context> context,
                 const std::vector<std::unique_ptr<Worker>>& workers, Log& log,
                 std::function<void()> idle)
    : settings_(settings),
      context_(std::move(context)),
      workers_(workers),
      log_(log),
      idle_(std::move(idle)),
      slot_free_(workers.front()->io.get_executor(), net::Timer::time_point::max()) {
  if (settings_.warm == 0) return;
  // each worker keeps its share ready for its own clients; who has none gets no clients
  const std::size_t used = std::min(settings_.warm, workers.size());
  for (std::size_t i = 0; i < used; ++i)
    warm_.push_back(
        std::make_unique<Warm>(*workers[i], log, settings_, context_,
                               settings_.warm / used + (i < settings_.warm % used ? 1 : 0)));
}

std::vector<Error> Service::listen() {
  std::vector<Error> errors;
  for (const config::HostPort& accept : settings_.accept) {
    auto bound = net::listen(workers_.front()->io.get_executor(), accept, settings_.accepts_tls());
    if (!bound) {
      errors.push_back(bound.error());
      continue;
    }
    for (net::Acceptor& acceptor : *bound) acceptors_.push_back(std::move(acceptor));
  }
  if (!errors.empty()) acceptors_.clear();
  return errors;
}

void Service::start() {
  announce();
  for (const auto& warm : warm_) warm->start();
  for (net::Acceptor& acceptor : acceptors_)
    asio::co_spawn(acceptor.get_executor(), accept_loop(acceptor),
                   [this](const std::exception_ptr& exception) {
                     if (exception)
                       log_.write(event(LogLevel::error, "failed",
                                        "accepting has ended: " + words_of(exception)));
                   });
}

void Service::close() {
  closed_ = true;
  // counted like connections, so that the loop goes on until they have said goodbye
  for (const auto& warm : warm_) {
    ++active_;
    warm->close([this] { asio::post(workers_.front()->io, [this] { ended(); }); });
  }
  slot_free_.cancel();
  for (net::Acceptor& acceptor : acceptors_) {
    net::ErrorCode ignored;
    acceptor.close(ignored);
  }
}

net::Awaitable<void> Service::accept_loop(net::Acceptor& acceptor) {
  milliseconds delay{0};
  unsigned failures = 0;
  while (!closed_) {
    co_await wait_for_slot();
    if (closed_) break;
    const std::size_t worker = next_worker_++ % (warm_.empty() ? workers_.size() : warm_.size());
    auto result =
        co_await acceptor.async_accept(workers_[worker]->io.get_executor(), net::as_result);
    auto& [error, socket] = result;
    if (closed_) {
      net::reset(socket);
      break;
    }
    if (error == asio::error::operation_aborted) continue;  // another listener took the last slot
    if (error) {
      co_await back_off(error, ++failures, delay);
      continue;
    }
    if (delay.count() != 0) {
      log_.write(event(LogLevel::info, "accepting", "accepting again"));
      delay = milliseconds(0);
    }
    // the last slot may have gone to another listener meanwhile
    co_await wait_for_slot();
    if (closed_) {
      net::reset(socket);
      break;
    }
    failures = 0;
    begin(worker, std::move(socket));
  }
}

net::Awaitable<void> Service::wait_for_slot() {
  while (!closed_ && active_ >= settings_.max_connections) {
    if (!std::exchange(full_, true))
      log_.write(
          event(LogLevel::warn, "full",
                fmt::format(
                    "all {} connections are in use: further clients wait; raise max_connections if "
                    "this is too few",
                    settings_.max_connections)));
    co_await slot_free_.async_wait(net::as_result);
  }
}

net::Awaitable<void> Service::back_off(const net::ErrorCode& error, unsigned failures,
                                       milliseconds& delay) {
  const bool starved = error == asio::error::no_descriptors ||
                       os::is_error(error.value(), std::errc::too_many_files_open_in_system) ||
                       error == asio::error::no_buffer_space || error == asio::error::no_memory;
  if (!starved) {
    // the client went away between its SYN and our accept, or the network had an error for it
    log_.write(event(LogLevel::debug, "accept",
                     "a client was gone before it was accepted: " + error.message()));
  } else if (delay.count() == 0) {
    log_.write(event(
        LogLevel::error, "starved",
        fmt::format(
            "no further client can be accepted: {}; new ones wait; raise the limit of open files "
            "(ulimit -n), or lower max_connections",
            error.message())));
  }
  constexpr unsigned unlucky = 16;  // beyond that it is not the clients
  if (!starved && failures < unlucky) co_return;
  delay = std::clamp(delay * 2, first_back_off, longest_back_off);
  net::Timer timer(workers_.front()->io.get_executor(), delay);
  co_await timer.async_wait(net::as_result);
}

void Service::begin(std::size_t worker, net::Socket socket) {
  ++active_;
  if (active_ >= settings_.max_connections)
    for (net::Acceptor& acceptor : acceptors_) {
      net::ErrorCode ignored;
      acceptor.cancel(ignored);
    }
  const std::uint64_t id = ++last_id_;
  asio::co_spawn(workers_[worker]->io.get_executor(),
                 serve(*workers_[worker], log_, settings_, context_,
                       warm_.empty() ? nullptr : warm_[worker].get(), id, std::move(socket)),
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
  if (active_ + 1 < settings_.max_connections) full_ = false;
  if (active_ == 0) idle_();
}

LogEvent Service::event(LogLevel level, std::string_view name, std::string message) const {
  return {level, name, settings_.name, 0, std::move(message), {}};
}

void Service::announce() {
  std::vector<std::string> listen;
  for (const net::Acceptor& acceptor : acceptors_) {
    net::ErrorCode error;
    listen.push_back(net::text(acceptor.local_endpoint(error)));
  }
  std::vector<std::string> connect;
  for (const config::HostPort& target : settings_.connect) connect.push_back(target.text());

  const bool verified = settings_.verify != config::Verify::none;
  std::string message = fmt::format("listening on {}", joined_with_and(listen));
  const std::string targets = fmt::format("{}", fmt::join(connect, ", then "));
  if (settings_.connects_tls())
    message +=
        fmt::format(", tunnels to {} over {} TLS", targets, verified ? "verified" : "unverified");
  else if (settings_.accepts_tls())
    message += fmt::format(" for TLS, forwards to {} in the clear", targets);
  else
    message += fmt::format(", relays to {} as it is, without TLS", targets);
  LogEvent out = event(LogLevel::info, "listening", std::move(message));
  out.fields.emplace_back("listen", listen);
  out.fields.emplace_back("connect", connect);
  log_.write(out);
  if (settings_.connects_tls() && !verified)
    log_.write(event(LogLevel::warn, "unverified",
                     "verify = \"none\": anybody on the way can read and change what goes through "
                     "this tunnel; name "
                     "the authority with ca = \"...\" and remove verify"));
}

}  // namespace tunnel
