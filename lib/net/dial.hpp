// Connects to a target by name: resolves it, and takes the first of its addresses that answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "net/happy_eyeballs.hpp"
#include "net/io.hpp"
#include "net/resolver.hpp"

namespace tunnel::net {

// What is dialled, for the advice after a failure: a relay may be one made on demand, and the way
// to it may lead through a proxy; a device behind a server-mode tunnel is neither.
enum class FarSide : std::uint8_t { relay, device };

class Dialer {
 public:
  // The resolver belongs to the same thread and outlives the dialer.
  Dialer(const Executor& executor, Resolver& resolver, FarSide far_side = FarSide::relay);

  // Resolves the name afresh, for at most `timeout`; each address has `timeout` too (zero: for as
  // long as the system tries). The connected socket is then in socket(): non-blocking, with
  // TCP_NODELAY and keepalive. The endpoint is empty for a UNIX socket.
  Awaitable<Result<Endpoint>> dial(const config::SocketAddress& target,
                                   std::chrono::milliseconds timeout,
                                   std::chrono::milliseconds keepalive);

  // The steps of dial(). The addresses of a name, at least one, ordered by interleaved().
  Awaitable<Result<std::vector<Endpoint>>> resolve(const config::HostPort& target,
                                                   std::chrono::milliseconds timeout);
  // To one address.
  Awaitable<ConnectResult> connect(const Endpoint& endpoint, std::chrono::milliseconds timeout,
                                   std::chrono::milliseconds keepalive);

  // To the UNIX socket at that path.
  Awaitable<ConnectResult> connect_local(std::string path, std::chrono::milliseconds timeout);

  // Ends a pending operation soon, with an error. On the executor's thread.
  void cancel();

  Socket& socket() { return socket_; }
  // Of the last dial() that failed: timed_out by any deadline, host_not_found for a name that is
  // not resolved.
  const ErrorCode& error() const { return error_; }

 private:
  Awaitable<ConnectResult> connect_any(std::vector<Endpoint> addresses,
                                       std::chrono::milliseconds timeout,
                                       std::chrono::milliseconds keepalive);

  Executor executor_;
  Resolver& resolver_;
  const FarSide far_side_;
  Socket socket_;
  Endpoint reached_;
  ErrorCode error_;
  Timer* resolving_ = nullptr;  // while a name is being resolved
  std::unique_ptr<HappyEyeballs> happy_eyeballs_;
  bool cancelled_ = false;
};

// Why that failed, in words; `peer` is the "host:port" that was dialled, and `target` what the user
// wrote.
Error why_not_reached(const std::string& peer, const config::HostPort& target, FarSide far_side,
                      const ConnectResult& result, std::chrono::milliseconds timeout);

// The socket options of every connection.
void set_connection_options(Socket& socket, std::chrono::milliseconds keepalive);

}  // namespace tunnel::net
