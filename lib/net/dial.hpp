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
    Endpoint endpoint;  // of a target that is no UNIX socket
  };

  explicit Dialer(const Executor& executor);

  // Names are resolved afresh; targets, and the addresses of each, are tried in order, each for
  // `timeout` (zero: as long as the system tries), and so is each name's resolution. The error
  // names every failure's cause. The connected socket is then in socket(), non-blocking, with
  // TCP_NODELAY and keepalive on.
  Awaitable<Result<Reached>> dial(const std::vector<config::HostPort>& targets,
                                  std::chrono::milliseconds timeout,
                                  std::chrono::milliseconds keepalive);

  // The steps of dial(), for whoever wants to see each. The addresses of a name, at least one.
  Awaitable<Result<std::vector<Endpoint>>> resolve(const config::HostPort& target,
                                                   std::chrono::milliseconds timeout);
  // To one address; an error of the system, or asio::error::timed_out with `timed_out` set where
  // it was this deadline.
  struct Attempt {
    ErrorCode error;
    bool timed_out = false;
  };
  Awaitable<Attempt> connect(Endpoint endpoint, std::chrono::milliseconds timeout,
                             std::chrono::milliseconds keepalive);

  // To the UNIX socket at that path.
  Awaitable<Attempt> connect_local(std::string path, std::chrono::milliseconds timeout);

  // Ends what is under way soon, with an error. On the executor's thread.
  void cancel();

  Socket& socket() { return socket_; }

 private:
  struct Lookup;

  Executor executor_;
  Socket socket_;
  Deadline deadline_;
  std::shared_ptr<Lookup> lookup_;
  bool cancelled_ = false;
  bool timed_out_ = false;
};

// Why an attempt failed, in words; `whom` is the far side as the user knows it.
Error why_not_reached(const std::string& whom, const Dialer::Attempt& attempt,
                      std::chrono::milliseconds timeout);

Error why_not_reached_locally(const std::string& path, const Dialer::Attempt& attempt,
                              std::chrono::milliseconds timeout);

// The options that every connection of ours has.
void set_connection_options(Socket& socket, std::chrono::milliseconds keepalive);

}  // namespace tunnel::net
