// A TCP connection to the first of several targets that answers.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "net/deadline.hpp"
#include "net/io.hpp"

namespace tunnel::net {

class Dialer {
 public:
  struct Reached {
    config::HostPort target;
    Endpoint endpoint;
  };

  explicit Dialer(const Executor& executor);

  // Names are resolved afresh; targets, and the addresses of each, are tried in order, each for
  // `timeout` (zero: as long as the system tries), and so is each name's resolution. The error
  // names every failure's cause. The connected socket is then in socket(), non-blocking, with
  // TCP_NODELAY and keepalive on.
  Awaitable<Result<Reached>> dial(const std::vector<config::HostPort>& targets,
                                  std::chrono::milliseconds timeout,
                                  std::chrono::milliseconds keepalive);

  // Ends dial() soon, with an error. On the executor's thread.
  void cancel();

  Socket& socket() { return socket_; }

 private:
  struct Lookup;

  Awaitable<Result<std::vector<Endpoint>>> resolve(const config::HostPort& target,
                                                   std::chrono::milliseconds timeout);

  Executor executor_;
  Socket socket_;
  Deadline deadline_;
  std::shared_ptr<Lookup> lookup_;
  bool cancelled_ = false;
  bool timed_out_ = false;
};

// The options that every connection of ours has.
void set_connection_options(Socket& socket, std::chrono::milliseconds keepalive);

}  // namespace tunnel::net
