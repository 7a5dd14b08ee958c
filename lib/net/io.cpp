// Small functions around sockets.
#include "net/io.hpp"

#include <fmt/format.h>

#include "os/net/local_socket.hpp"
#include "os/net/socket.hpp"

namespace tunnel::net {

namespace {

std::string local_address(const Socket& socket) {
  // getting the handle changes nothing
  return os::local_place(
      static_cast<os::NativeSocket>(const_cast<Socket&>(socket).native_handle()));
}

}  // namespace

std::string text(const Endpoint& endpoint) {
  const auto address = endpoint.address();
  return address.is_v6() ? fmt::format("[{}]:{}", address.to_string(), endpoint.port())
                         : fmt::format("{}:{}", address.to_string(), endpoint.port());
}

config::Address address_of(const Endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address.is_v4()) return config::Address(address.to_v4().to_bytes());
  return config::Address(address.to_v6().to_bytes());
}

bool is_local(const Endpoint& endpoint) { return endpoint.data()->sa_family == AF_UNIX; }

std::string peer_of(const Socket& socket) {
  ErrorCode error;
  const Endpoint endpoint = socket.remote_endpoint(error);
  if (error) return {};
  return is_local(endpoint) ? local_address(socket) : text(endpoint);
}

std::string host_of(const Socket& socket) {
  ErrorCode error;
  const Endpoint endpoint = socket.remote_endpoint(error);
  if (error) return {};
  return is_local(endpoint) ? local_address(socket) : endpoint.address().to_string();
}

std::string why_broken(const ErrorCode& error) {
  if (error == asio::error::connection_reset || error == asio::error::connection_aborted ||
      error == asio::error::broken_pipe || error == asio::error::not_connected)
    return {};
  if (error == asio::error::timed_out) return "no longer answers";
  return "was lost: " + error.message();
}

void reset_on_close(Socket& socket, bool reset) {
  os::set_reset_on_close(static_cast<os::NativeSocket>(socket.native_handle()), reset);
}

void reset(Socket& socket) {
  if (!socket.is_open()) return;
  reset_on_close(socket, true);
  ErrorCode ignored;
  socket.close(ignored);
}

}  // namespace tunnel::net
