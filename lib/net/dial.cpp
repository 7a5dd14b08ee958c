// Name resolution under a deadline, then Happy Eyeballs.
#include "net/dial.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "net/dial_local.hpp"
#include "net/environment_proxy.hpp"
#include "os/net/socket.hpp"

namespace tunnel::net {

namespace {

std::string why_unresolved(const ErrorCode& error) {
  if (!error || error == asio::error::no_data) return "it has no address";
  if (error == asio::error::host_not_found) return "there is no such name";
  if (error == asio::error::host_not_found_try_again) return "the name server does not answer";
  return error.message();
}

// Networks that let connections out through a proxy alone drop the others, or know no names.
std::string with_proxy(std::string hint, const std::string& host, FarSide far_side) {
  if (far_side == FarSide::device) return hint;
  const auto proxy = environment_proxy(host);
  if (!proxy) return hint;
  return fmt::format(
      "{}; tunnel doesn't use proxies, and this network may block direct connections: ask for this "
      "port to be opened; otherwise: {}",
      *proxy, hint);
}

std::string on_this_network(const config::HostPort& target) {
  const std::string question = "is this machine on the network?";
  ErrorCode not_an_address;
  const auto address = asio::ip::make_address(target.host, not_an_address);
  if (not_an_address) return question;
  return question +
         (address.is_v4()
              ? " on an IPv6-only network, write the far side's name instead of its IPv4 address"
              : " on an IPv4-only network, write the far side's name or its IPv4 address");
}

}  // namespace

Dialer::Dialer(const Executor& executor, Resolver& resolver, FarSide far_side)
    : executor_(executor), resolver_(resolver), far_side_(far_side), socket_(executor) {}

void Dialer::cancel() {
  cancelled_ = true;
  if (resolving_ != nullptr) resolving_->cancel();
  if (happy_eyeballs_) happy_eyeballs_->cancel();
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
    Timer answer(executor_, Timer::time_point::max());
    if (timeout.count() != 0) answer.expires_after(timeout);
    const Resolver::Wait wait(resolver_, lookup, answer);
    resolving_ = &answer;
    co_await answer.async_wait(as_result);
    resolving_ = nullptr;
  }
  if (cancelled_) co_return Error{"cancelled"};
  if (!lookup->done)
    co_return Error{
        fmt::format("the name {} is not resolved within {}", target.host, duration_text(timeout)),
        with_proxy("is this machine on the network, and its name server reachable?", target.host,
                   far_side_)};
  if (lookup->error || lookup->endpoints.empty())
    co_return Error{fmt::format("the name {} cannot be resolved ({})", target.host,
                                why_unresolved(lookup->error)),
                    with_proxy("is it spelled right, and is this machine on the network?",
                               target.host, far_side_)};
  co_return interleaved(lookup->endpoints);
}

Awaitable<Result<Endpoint>> Dialer::dial(const config::SocketAddress& target,
                                         std::chrono::milliseconds timeout,
                                         std::chrono::milliseconds keepalive) {
  if (const config::UnixSocket* local = target.local()) {
    const ConnectResult result = co_await connect_local(local->path, timeout);
    if (cancelled_) co_return Error{"cancelled"};
    error_ = result.error;
    if (result.error) co_return why_not_reached_locally(local->path, result, timeout);
    co_return Endpoint();
  }
  if (target.tcp() == nullptr) co_return Error{target.text() + " can only be listened on"};
  auto endpoints = co_await resolve(*target.tcp(), timeout);
  if (cancelled_) co_return Error{"cancelled"};
  error_ = asio::error::host_not_found;
  if (!endpoints) co_return endpoints.error();
  const ConnectResult result = co_await connect_any(std::move(*endpoints), timeout, keepalive);
  if (cancelled_) co_return Error{"cancelled"};
  error_ = result.error;
  if (result.error)
    co_return why_not_reached(target.text(), *target.tcp(), far_side_, result, timeout);
  co_return reached_;
}

Awaitable<ConnectResult> Dialer::connect(const Endpoint& endpoint,
                                         std::chrono::milliseconds timeout,
                                         std::chrono::milliseconds keepalive) {
  return connect_any({endpoint}, timeout, keepalive);
}

Awaitable<ConnectResult> Dialer::connect_local(std::string path,
                                               std::chrono::milliseconds timeout) {
  return net::connect_local(socket_, std::move(path), timeout, cancelled_);
}

Awaitable<ConnectResult> Dialer::connect_any(std::vector<Endpoint> addresses,
                                             std::chrono::milliseconds timeout,
                                             std::chrono::milliseconds keepalive) {
  if (cancelled_) co_return ConnectResult{asio::error::operation_aborted, false};
  ErrorCode ignored;
  socket_.close(ignored);
  happy_eyeballs_ = std::make_unique<HappyEyeballs>(executor_);
  const ConnectResult result = co_await happy_eyeballs_->run(std::move(addresses), timeout);
  if (!result.error) {
    socket_ = std::move(happy_eyeballs_->socket());
    reached_ = happy_eyeballs_->endpoint();
    set_connection_options(socket_, keepalive);
  }
  happy_eyeballs_.reset();
  co_return result;
}

Error why_not_reached(const std::string& peer, const config::HostPort& target, FarSide far_side,
                      const ConnectResult& result, std::chrono::milliseconds timeout) {
  const ErrorCode& error = result.error;
  const bool relay = far_side == FarSide::relay;
  if (error == asio::error::timed_out)
    return {fmt::format("{} does not answer{}", peer,
                        result.timed_out ? " within " + duration_text(timeout) : std::string()),
            with_proxy(relay ? "is the address right, and this machine's public address still "
                               "among those that it admits? a relay made on demand may also be "
                               "past its time"
                             : "is the address right, and the device on and on this network?",
                       target.host, far_side)};
  if (error == asio::error::connection_refused)
    return {fmt::format("{} refuses the connection", peer),
            relay ? "is the port right, and the service running? a relay made on demand has "
                    "another port each time"
                  : "is the port right, and the service running?"};
  if (error == asio::error::network_unreachable || error == asio::error::host_unreachable)
    return {fmt::format("there is no way to {}", peer),
            with_proxy(on_this_network(target), target.host, far_side)};
  if (error == asio::error::no_descriptors)
    return {fmt::format("no connection to {}: the limit of open files is reached", peer),
            "raise it (ulimit -n), or allow fewer connections"};
  return {fmt::format("{}: {}", peer, error.message()), ""};
}

void set_connection_options(Socket& socket, std::chrono::milliseconds keepalive) {
  ErrorCode ignored;  // a connection without an option still works
  socket.non_blocking(true, ignored);
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  os::set_keepalive(static_cast<os::NativeSocket>(socket.native_handle()), keepalive);
}

}  // namespace tunnel::net
