// The status's listening sockets, TCP or UNIX.
#pragma once

#include <asio/basic_stream_socket.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/local/stream_protocol.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "net/io.hpp"

namespace tunnel::status {

using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, net::Executor>;
using LocalAcceptor = asio::basic_socket_acceptor<asio::local::stream_protocol, net::Executor>;

struct StatusListener {
  std::vector<net::Acceptor> tcp;
  std::vector<LocalAcceptor> local;
  std::vector<std::string> addresses;  // "127.0.0.1:9090", "unix:/run/tunnel/status.sock"
};

// Only this user can connect to a UNIX socket. Replaces one that nothing listens on any more.
Result<StatusListener> open_listener(const net::Executor& executor,
                                     const config::SocketAddress& wanted);

}  // namespace tunnel::status
