// Resolving under a deadline, and the race of the addresses.
#include "net/dial.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "net/dial_local.hpp"
#include "os/net/socket.hpp"

namespace tunnel::net {

namespace {

std::string why_unresolved(const ErrorCode& error) {
  if (!error || error == asio::error::no_data) return "it has no address";
  if (error == asio::error::host_not_found) return "there is no such name";
  if (error == asio::error::host_not_found_try_again) return "the name server does not answer";
  return error.message();
}

}  // namespace

Dialer::Dialer(const Executor& executor, Resolver& resolver)
    : executor_(executor), resolver_(resolver), socket_(executor) {}

void Dialer::cancel() {
  cancelled_ = true;
  if (answered_ != nullptr) answered_->cancel();
  if (race_) race_->cancel();
  ErrorCode ignored;
  socket_.close(ignored);
}

Awaitable<Result<std::vector<Endpoint>>> Dialer::resolve(const config::HostPort& target,
                                                         std::chrono::milliseconds timeout) {
  ErrorCode not_an_address;
  const auto address = asio::ip::make_address(target.host, not_an_address);
  if (!not_an_address) co_return std::vector<Endpoint>{Endpoint(address, target.port)};

  const auto lookup = resolver_.join(executor_, target);
  if (!lookup->done) {
    Timer answered(executor_, Timer::time_point::max());
    if (timeout.count() != 0) answered.expires_after(timeout);
    const Resolver::Wait wait(resolver_, lookup, answered);
    answered_ = &answered;
    co_await answered.async_wait(as_result);
    answered_ = nullptr;
  }
  if (cancelled_) co_return Error{"cancelled"};
  if (!lookup->done)
    co_return Error{
        fmt::format("the name {} is not resolved within {}", target.host, duration_text(timeout)),
        "is this machine on the network, and its name server reachable?"};
  if (lookup->error || lookup->endpoints.empty())
    co_return Error{fmt::format("the name {} cannot be resolved ({})", target.host,
                                why_unresolved(lookup->error)),
                    "is it spelled right, and is this machine on the network?"};
  co_return interleaved(lookup->endpoints);
}

Awaitable<Result<Endpoint>> Dialer::dial(const config::HostPort& target,
                                         std::chrono::milliseconds timeout,
                                         std::chrono::milliseconds keepalive) {
  if (!target.path.empty()) {
    const Attempt attempt = co_await connect_local(target.path, timeout);
    if (cancelled_) co_return Error{"cancelled"};
    if (attempt.error) co_return why_not_reached_locally(target.path, attempt, timeout);
    co_return Endpoint();
  }
  auto endpoints = co_await resolve(target, timeout);
  if (cancelled_) co_return Error{"cancelled"};
  if (!endpoints) co_return endpoints.error();
  const Attempt attempt = co_await race(std::move(*endpoints), timeout, keepalive);
  if (cancelled_) co_return Error{"cancelled"};
  if (attempt.error) co_return why_not_reached(target.text(), attempt, timeout);
  co_return reached_;
}

Awaitable<Attempt> Dialer::connect(Endpoint endpoint, std::chrono::milliseconds timeout,
                                   std::chrono::milliseconds keepalive) {
  return race({endpoint}, timeout, keepalive);
}

Awaitable<Attempt> Dialer::connect_local(std::string path, std::chrono::milliseconds timeout) {
  return net::connect_local(socket_, std::move(path), timeout, cancelled_);
}

Awaitable<Attempt> Dialer::race(std::vector<Endpoint> addresses, std::chrono::milliseconds timeout,
                                std::chrono::milliseconds keepalive) {
  if (cancelled_) co_return Attempt{asio::error::operation_aborted, false};
  ErrorCode ignored;
  socket_.close(ignored);
  race_ = std::make_unique<HappyEyeballs>(executor_);
  const Attempt attempt = co_await race_->run(std::move(addresses), timeout);
  if (!attempt.error) {
    socket_ = std::move(race_->socket());
    reached_ = race_->endpoint();
    set_connection_options(socket_, keepalive);
  }
  race_.reset();
  co_return attempt;
}

Error why_not_reached(const std::string& whom, const Attempt& attempt,
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
            "raise it (ulimit -n), or allow fewer connections"};
  return {fmt::format("{}: {}", whom, error.message()), ""};
}

void set_connection_options(Socket& socket, std::chrono::milliseconds keepalive) {
  ErrorCode ignored;  // a connection without an option still works
  socket.non_blocking(true, ignored);
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  os::set_keepalive(static_cast<os::NativeSocket>(socket.native_handle()), keepalive);
}

}  // namespace tunnel::net
