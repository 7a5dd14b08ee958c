// Listening sockets of the status, TCP or UNIX.
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
  std::vector<std::string> places;  // "127.0.0.1:9090", "unix:/run/tunnel/status.sock"
};

// A UNIX socket is for this user alone; one that nobody listens on any more gives way.
Result<StatusListener> open_door(const net::Executor& executor, const config::StatusListen& wanted);

}  // namespace tunnel::status
