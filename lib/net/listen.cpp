// Binding and listening.
#include "net/listen.hpp"

#include <fmt/format.h>

#include <asio/ip/basic_resolver.hpp>
#include <asio/ip/v6_only.hpp>

#include "os/port_holder.hpp"
#include "os/socket.hpp"

namespace tunnel::net {

namespace {

Error in_words(const Endpoint& endpoint, const ErrorCode& error) {
  if (error == asio::error::address_in_use) {
    const std::string holder = os::port_holder(endpoint.port());
    return {fmt::format("cannot listen on {}: {}", text(endpoint),
                        holder.empty() ? "the port is in use" : "the port is held by " + holder),
            "stop that one, or choose another port"};
  }
  if (error == asio::error::access_denied)
    return {
        fmt::format("cannot listen on {}: ports below 1024 need special rights", text(endpoint)),
        "choose a port from 1024 on"};
  if (os::is_error(error.value(), std::errc::address_not_available))
    return {
        fmt::format("cannot listen on {}: this machine does not have that address", text(endpoint)),
        "choose one of its own, or give the port alone"};
  return {fmt::format("cannot listen on {}: {}", text(endpoint), error.message()), ""};
}

bool means_no_ipv6(const ErrorCode& error) {
  return error == asio::error::address_family_not_supported ||
         os::is_error(error.value(), std::errc::address_not_available);
}

Result<Acceptor> open(const Executor& executor, const Endpoint& endpoint, ErrorCode& error) {
  Acceptor acceptor(executor);
  acceptor.open(endpoint.protocol(), error);
  if (!error) os::set_listener_reuse(static_cast<os::NativeSocket>(acceptor.native_handle()));
  if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (error) return in_words(endpoint, error);
  return acceptor;
}

struct Wanted {
  asio::ip::address address;
  bool optional;  // an IPv6 address that nobody wrote down
};

Result<std::vector<Wanted>> addresses(const Executor& executor, const config::HostPort& accept,
                                      bool everywhere) {
  using asio::ip::address_v4;
  using asio::ip::address_v6;
  if (accept.host.empty() && everywhere)
    return std::vector<Wanted>{{address_v4::any(), false}, {address_v6::any(), true}};
  if (accept.host.empty() || accept.host == "localhost")
    return std::vector<Wanted>{{address_v4::loopback(), false}, {address_v6::loopback(), true}};
  ErrorCode error;
  if (const auto address = asio::ip::make_address(accept.host, error); !error)
    return std::vector<Wanted>{{address, false}};
  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver(executor);
  const auto found =
      resolver.resolve(accept.host, "0", asio::ip::resolver_base::numeric_service, error);
  if (error || found.empty())
    return Error{fmt::format("cannot listen on {}: the name cannot be resolved ({})", accept.text(),
                             error.message()),
                 "give an address of this machine, or the port alone"};
  std::vector<Wanted> out;
  for (const auto& entry : found) out.push_back({entry.endpoint().address(), false});
  return out;
}

}  // namespace

Result<std::vector<Acceptor>> listen(const Executor& executor, const config::HostPort& accept,
                                     bool everywhere) {
  const auto wanted = addresses(executor, accept, everywhere);
  if (!wanted) return wanted.error();
  // where the system picks the port for the first address, another may have it already: try again
  constexpr int attempts = 20;
  Error last;
  for (int attempt = 0; attempt < (accept.port == 0 ? attempts : 1); ++attempt) {
    std::vector<Acceptor> out;
    std::uint16_t port = accept.port;
    bool good = true;
    for (const Wanted& want : *wanted) {
      ErrorCode error;
      auto acceptor = open(executor, Endpoint(want.address, port), error);
      if (acceptor) {
        if (port == 0) port = acceptor->local_endpoint(error).port();
        out.push_back(std::move(*acceptor));
      } else if (!want.optional || !means_no_ipv6(error)) {
        last = acceptor.error();
        good = false;
        break;
      }
    }
    if (good) return out;
  }
  return last;
}

}  // namespace tunnel::net
