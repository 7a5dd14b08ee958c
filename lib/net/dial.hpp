// A TCP connection to a target by its name: resolved, and the first of its addresses that answers.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "net/happy_eyeballs.hpp"
#include "net/io.hpp"
#include "net/resolver.hpp"

namespace tunnel::net {

class Dialer {
 public:
  // The lookups are those of the same thread, and outlive the dialer.
  Dialer(const Executor& executor, Resolver& resolver);

  // The name is resolved afresh, for at most `timeout`, and each address has `timeout` too (zero:
  // as long as the system tries). The connected socket is then in socket(), non-blocking, with
  // TCP_NODELAY and keepalive on; of a UNIX socket there is no endpoint to tell.
  Awaitable<Result<Endpoint>> dial(const config::HostPort& target,
                                   std::chrono::milliseconds timeout,
                                   std::chrono::milliseconds keepalive);

  // The steps of dial(), for whoever wants to see each. The addresses of a name, at least one, as
  // interleaved() gives them.
  Awaitable<Result<std::vector<Endpoint>>> resolve(const config::HostPort& target,
                                                   std::chrono::milliseconds timeout);
  // To one address.
  Awaitable<Attempt> connect(Endpoint endpoint, std::chrono::milliseconds timeout,
                             std::chrono::milliseconds keepalive);

  // To the UNIX socket at that path.
  Awaitable<Attempt> connect_local(std::string path, std::chrono::milliseconds timeout);

  // Ends what is under way soon, with an error. On the executor's thread.
  void cancel();

  Socket& socket() { return socket_; }

 private:
  Awaitable<Attempt> race(std::vector<Endpoint> addresses, std::chrono::milliseconds timeout,
                          std::chrono::milliseconds keepalive);

  Executor executor_;
  Resolver& resolver_;
  Socket socket_;
  Endpoint reached_;
  Timer* answered_ = nullptr;  // while a name is resolved
  std::unique_ptr<HappyEyeballs> race_;
  bool cancelled_ = false;
};

// Why an attempt failed, in words; `whom` is the far side as the user knows it.
Error why_not_reached(const std::string& whom, const Attempt& attempt,
                      std::chrono::milliseconds timeout);

// The options that every connection of ours has.
void set_connection_options(Socket& socket, std::chrono::milliseconds keepalive);

}  // namespace tunnel::net
