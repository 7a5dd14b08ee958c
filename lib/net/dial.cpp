// Resolving and connecting, each under a deadline.
#include "net/dial.hpp"

#include <fmt/format.h>

#include <asio/ip/basic_resolver.hpp>

#include "base/text.hpp"
#include "os/socket.hpp"

namespace tunnel::net {

namespace {

using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;

std::string why_unresolved(const ErrorCode& error) {
  if (!error || error == asio::error::no_data) return "it has no address";
  if (error == asio::error::host_not_found) return "there is no such name";
  if (error == asio::error::host_not_found_try_again) return "the name server does not answer";
  return error.message();
}

}  // namespace

// A lookup cannot be cancelled once the system has it; it is left to end by itself, and finds this.
struct Dialer::Lookup {
  explicit Lookup(const Executor& executor) : resolver(executor), wake(executor) {}

  Resolver resolver;
  Timer wake;
  bool done = false;
  ErrorCode error;
  std::vector<Endpoint> endpoints;
};

Dialer::Dialer(const Executor& executor)
    : executor_(executor), socket_(executor), deadline_(executor) {}

void Dialer::cancel() {
  cancelled_ = true;
  deadline_.stop();
  if (lookup_) {
    lookup_->resolver.cancel();
    lookup_->wake.cancel();
  }
  ErrorCode ignored;
  socket_.close(ignored);
}

Awaitable<Result<std::vector<Endpoint>>> Dialer::resolve(const config::HostPort& target,
                                                         std::chrono::milliseconds timeout) {
  ErrorCode not_an_address;
  const auto address = asio::ip::make_address(target.host, not_an_address);
  if (!not_an_address) co_return std::vector<Endpoint>{Endpoint(address, target.port)};

  auto lookup = std::make_shared<Lookup>(executor_);
  lookup_ = lookup;
  if (timeout.count() != 0)
    lookup->wake.expires_after(timeout);
  else
    lookup->wake.expires_at(Timer::time_point::max());
  lookup->resolver.async_resolve(
      target.host, std::to_string(target.port), asio::ip::resolver_base::numeric_service,
      [lookup](const ErrorCode& error, const Resolver::results_type& results) {
        lookup->done = true;
        lookup->error = error;
        for (const auto& entry : results) lookup->endpoints.push_back(entry.endpoint());
        lookup->wake.cancel();
      });
  if (!lookup->done) co_await lookup->wake.async_wait(as_result);
  lookup_.reset();
  if (cancelled_) co_return Error{"cancelled"};
  if (!lookup->done) lookup->resolver.cancel();  // where the system has not begun it
  if (!lookup->done)
    co_return Error{
        fmt::format("the name {} is not resolved within {}", target.host, duration_text(timeout)),
        "is this machine on the network, and its name server reachable?"};
  if (lookup->error || lookup->endpoints.empty())
    co_return Error{fmt::format("the name {} cannot be resolved ({})", target.host,
                                why_unresolved(lookup->error)),
                    "is it spelled right, and is this machine on the network?"};
  co_return std::move(lookup->endpoints);
}

Awaitable<Result<Dialer::Reached>> Dialer::dial(const std::vector<config::HostPort>& targets,
                                                std::chrono::milliseconds timeout,
                                                std::chrono::milliseconds keepalive) {
  Error last{"there is nowhere to connect to"};
  std::string earlier;
  const auto note = [&](Error error) {
    if (!earlier.empty())
      last.what = earlier + "; " + error.what;
    else
      last.what = error.what;
    last.hint = std::move(error.hint);
    earlier = last.what;
  };
  for (const config::HostPort& target : targets) {
    if (!target.path.empty()) {
      const Attempt attempt = co_await connect_local(target.path, timeout);
      if (cancelled_) co_return Error{"cancelled"};
      if (!attempt.error) co_return Reached{target, {}};
      note(why_not_reached_locally(target.path, attempt, timeout));
      continue;
    }
    auto endpoints = co_await resolve(target, timeout);
    if (cancelled_) co_return Error{"cancelled"};
    if (!endpoints) {
      note(endpoints.error());
      continue;
    }
    Attempt attempt;
    for (const Endpoint& endpoint : *endpoints) {
      attempt = co_await connect(endpoint, timeout, keepalive);
      if (cancelled_) co_return Error{"cancelled"};
      if (!attempt.error) co_return Reached{target, endpoint};
    }
    note(why_not_reached(target.text(), attempt, timeout));
  }
  co_return last;
}

Awaitable<Dialer::Attempt> Dialer::connect(Endpoint endpoint, std::chrono::milliseconds timeout,
                                           std::chrono::milliseconds keepalive) {
  Attempt attempt;
  socket_.close(attempt.error);
  socket_.open(endpoint.protocol(), attempt.error);
  if (attempt.error) co_return attempt;
  timed_out_ = false;
  deadline_.start(timeout, [this] {
    timed_out_ = true;
    ErrorCode ignored;
    socket_.close(ignored);
  });
  const auto [failed] = co_await socket_.async_connect(endpoint, as_result);
  deadline_.stop();
  // the deadline may have closed what had just been connected
  attempt.timed_out = timed_out_;
  attempt.error = timed_out_   ? ErrorCode(asio::error::timed_out)
                  : cancelled_ ? ErrorCode(asio::error::operation_aborted)
                               : failed;
  if (!attempt.error) set_connection_options(socket_, keepalive);
  co_return attempt;
}

Error why_not_reached(const std::string& whom, const Dialer::Attempt& attempt,
                      std::chrono::milliseconds timeout) {
  const ErrorCode& error = attempt.error;
  if (error == asio::error::timed_out)
    return {fmt::format("{} does not answer{}", whom,
                        attempt.timed_out ? " within " + duration_text(timeout) : std::string()),
            "is the address right, and this machine's public address still among those that it "
            "admits? a relay made on demand may also be past its time"};
  if (error == asio::error::connection_refused)
    return {fmt::format("{} refuses the connection", whom),
            "is the port right, and the service running? a relay made on demand has another port "
            "each time"};
  if (error == asio::error::network_unreachable || error == asio::error::host_unreachable)
    return {fmt::format("there is no way to {}", whom), "is this machine on the network?"};
  if (error == asio::error::no_descriptors)
    return {fmt::format("no connection to {}: the limit of open files is reached", whom),
            "raise it (ulimit -n), or lower max_connections"};
  return {fmt::format("{}: {}", whom, error.message()), ""};
}

void set_connection_options(Socket& socket, std::chrono::milliseconds keepalive) {
  ErrorCode ignored;  // a connection without an option still works
  socket.non_blocking(true, ignored);
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  os::set_keepalive(static_cast<os::NativeSocket>(socket.native_handle()), keepalive);
}

}  // namespace tunnel::net
