// Small services around sockets.
#include "net/io.hpp"

#include <fmt/format.h>

#include "os/socket.hpp"

namespace tunnel::net {

std::string text(const Endpoint& endpoint) {
  const auto address = endpoint.address();
  return address.is_v6() ? fmt::format("[{}]:{}", address.to_string(), endpoint.port())
                         : fmt::format("{}:{}", address.to_string(), endpoint.port());
}

std::string peer_of(const Socket& socket) {
  ErrorCode error;
  const Endpoint endpoint = socket.remote_endpoint(error);
  return error ? std::string() : text(endpoint);
}

std::string host_of(const Socket& socket) {
  ErrorCode error;
  const Endpoint endpoint = socket.remote_endpoint(error);
  return error ? std::string() : endpoint.address().to_string();
}

std::string why_broken(const ErrorCode& error) {
  if (error == asio::error::connection_reset || error == asio::error::connection_aborted ||
      error == asio::error::broken_pipe || error == asio::error::not_connected)
    return {};
  if (error == asio::error::timed_out) return "one end no longer answers";
  return error.message();
}

void reset(Socket& socket) {
  if (!socket.is_open()) return;
  os::set_reset_on_close(static_cast<os::NativeSocket>(socket.native_handle()));
  ErrorCode ignored;
  socket.close(ignored);
}

}  // namespace tunnel::net
