// Binding and listening.
#include "net/listen.hpp"

#include <fmt/format.h>

#include <asio/ip/basic_resolver.hpp>
#include <asio/ip/v6_only.hpp>

#include "os/net/port_holder.hpp"
#include "os/net/socket.hpp"
#include "os/process/identity.hpp"

namespace tunnel::net {

namespace {

Error bind_error(const Endpoint& endpoint, const ErrorCode& error) {
  if (error == asio::error::address_in_use) {
    const std::string holder = os::port_holder(endpoint.port());
    return {fmt::format("cannot listen on {}: {}", text(endpoint),
                        holder.empty() ? "the port is in use" : "the port is held by " + holder),
            ""};
  }
  if (error == asio::error::access_denied && os::gave_up_root())
    return {fmt::format("cannot listen on {}: ports below 1024 need root, which this program has "
                        "given up after its start",
                        text(endpoint)),
            "restart it, or let the service manager hold the port (socket activation)"};
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
  if (!error) {
    os::keep_from_commands(static_cast<os::NativeSocket>(acceptor.native_handle()));
    os::set_listener_reuse(static_cast<os::NativeSocket>(acceptor.native_handle()));
    // accepted sockets inherit it
    if (endpoint.address().is_loopback())
      os::send_unpaced(static_cast<os::NativeSocket>(acceptor.native_handle()));
  }
  if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (error) return bind_error(endpoint, error);
  return acceptor;
}

struct BindAddress {
  asio::ip::address address;
  bool optional;  // an IPv6 address that the user did not ask for
};

Result<std::vector<BindAddress>> addresses(const Executor& executor, const config::HostPort& accept,
                                           bool everywhere) {
  using asio::ip::address_v4;
  using asio::ip::address_v6;
  if (accept.host.empty() && everywhere)
    return std::vector<BindAddress>{{address_v4::any(), false}, {address_v6::any(), true}};
  if (accept.host.empty() || accept.host == "localhost")
    return std::vector<BindAddress>{{address_v4::loopback(), false},
                                    {address_v6::loopback(), true}};
  ErrorCode error;
  if (const auto address = asio::ip::make_address(accept.host, error); !error)
    return std::vector<BindAddress>{{address, false}};
  asio::ip::basic_resolver<asio::ip::tcp, Executor> resolver(executor);
  const auto found =
      resolver.resolve(accept.host, "0", asio::ip::resolver_base::numeric_service, error);
  if (error || found.empty())
    return Error{fmt::format("cannot listen on {}: the name cannot be resolved ({})", accept.text(),
                             error.message()),
                 "give an address of this machine, or the port alone"};
  std::vector<BindAddress> out;
  for (const auto& entry : found) out.push_back({entry.endpoint().address(), false});
  return out;
}

struct BindFailure {
  Error error;
  bool busy = false;  // the port is in use
};

// Opens that port (0: one that the system picks) on all of the addresses, or on none.
bool open_all(const Executor& executor, const std::vector<BindAddress>& wanted, std::uint16_t port,
              std::vector<Acceptor>& out, BindFailure& failure) {
  for (const BindAddress& want : wanted) {
    ErrorCode error;
    auto acceptor = open(executor, Endpoint(want.address, port), error);
    if (acceptor) {
      if (port == 0) port = acceptor->local_endpoint(error).port();
      out.push_back(std::move(*acceptor));
    } else if (!want.optional || !means_no_ipv6(error)) {
      failure = {acceptor.error(), error == asio::error::address_in_use};
      return false;
    }
  }
  return true;
}

// The next step where a port is in use. The port it names is free now, but not reserved.
std::string other_port(const Executor& executor, const std::vector<BindAddress>& wanted,
                       const config::HostPort& accept, const std::set<std::uint16_t>& reserved) {
  constexpr std::uint32_t nearby = 100;
  for (std::uint32_t port = accept.port + 1U; port <= accept.port + nearby && port <= 65535;
       ++port) {
    const auto candidate = static_cast<std::uint16_t>(port);
    std::vector<Acceptor> opened;
    BindFailure ignored;
    if (reserved.contains(candidate) || !open_all(executor, wanted, candidate, opened, ignored))
      continue;
    const std::string free = accept.host.empty() ? std::to_string(candidate)
                                                 : config::HostPort{accept.host, candidate}.text();
    return fmt::format("stop that one, or listen on {}, the next port that is free", free);
  }
  return "stop that one, or choose another port";
}

}  // namespace

Result<std::vector<Acceptor>> listen(const Executor& executor, const config::HostPort& accept,
                                     bool everywhere, const std::set<std::uint16_t>& reserved,
                                     bool* busy) {
  const auto wanted = addresses(executor, accept, everywhere);
  if (!wanted) return wanted.error();
  // the port that the system picks for the first address may be in use on another: try again
  constexpr int attempts = 20;
  BindFailure failure;
  for (int attempt = 0; attempt < (accept.port == 0 ? attempts : 1); ++attempt) {
    std::vector<Acceptor> out;
    if (open_all(executor, *wanted, accept.port, out, failure)) return out;
  }
  if (busy != nullptr) *busy = failure.busy;
  if (failure.busy && accept.port != 0)
    failure.error.hint = other_port(executor, *wanted, accept, reserved);
  return failure.error;
}

Result<LocalListener> listen_local(const Executor& executor, const std::string& path) {
  auto listener = os::listen_local(path);
  if (!listener) return listener.error();
  auto acceptor = adopt(executor, listener->socket);
  if (!acceptor) return acceptor.error();
  return LocalListener{std::move(*acceptor), std::move(listener->file)};
}

Result<Acceptor> adopt(const Executor& executor, os::NativeSocket socket) {
  Acceptor acceptor(executor);
  ErrorCode error;
  // from here on nothing depends on the protocol
  acceptor.assign(asio::ip::tcp::v4(), socket, error);
  if (!error) acceptor.non_blocking(true, error);
  if (error) return Error{"a socket that was passed cannot be used: " + error.message(), ""};
  return acceptor;
}

std::string text(Acceptor& acceptor) {
  ErrorCode error;
  const Endpoint endpoint = acceptor.local_endpoint(error);
  if (error || !is_local(endpoint)) return text(endpoint);
  return os::local_place(static_cast<os::NativeSocket>(acceptor.native_handle()));
}

}  // namespace tunnel::net
