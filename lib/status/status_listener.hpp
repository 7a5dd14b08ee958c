// The status's listening sockets, TCP or UNIX.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "net/io.hpp"
#include "os/net/local_socket.hpp"

namespace tunnel::status {

struct StatusListener {
  std::vector<net::Acceptor> acceptors;
  os::SocketFile file;                 // of the UNIX socket, if it is one
  std::vector<std::string> addresses;  // "127.0.0.1:9090", "unix:/run/tunnel/status.sock"
};

// Only this user can connect to a UNIX socket. Replaces one that nothing listens on any more.
Result<StatusListener> open_listener(const net::Executor& executor,
                                     const config::SocketAddress& wanted);

// Moves sockets that listen already to another executor.
Result<StatusListener> take_listener(const net::Executor& executor,
                                     std::vector<net::Acceptor> bound);

}  // namespace tunnel::status
