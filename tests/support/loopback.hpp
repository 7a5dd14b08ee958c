// TCP connections of this machine with itself: one end for the code under test, one for the test.
#pragma once

#include <asio/co_spawn.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "net/io.hpp"
#include "os/net/socket.hpp"

#ifdef __linux__
#include <netinet/tcp.h>
#endif

namespace tunnel::test {

// The test's end: every call waits until it is done.
class Peer {
 public:
  // Connects to what listens there.
  explicit Peer(const net::Endpoint& to) : socket_(io_.get_executor()) { socket_.connect(to); }
  // Takes the next connection of the acceptor, which belongs to anybody.
  explicit Peer(net::Acceptor& acceptor) : socket_(io_.get_executor()) { acceptor.accept(socket_); }

  net::Socket& socket() { return socket_; }

  void send(std::string_view text) { asio::write(socket_, asio::buffer(text.data(), text.size())); }
  template <class Bytes>
  void send_bytes(const Bytes& bytes) {
    asio::write(socket_, asio::buffer(bytes));
  }
  std::string receive(std::size_t size) {
    std::string out(size, '\0');
    net::ErrorCode error;
    out.resize(asio::read(socket_, asio::buffer(out), error));
    return out;
  }
  // Everything until the end, and whether that was clean.
  std::pair<std::string, net::ErrorCode> receive_all() {
    std::string out;
    net::ErrorCode error;
    asio::read(socket_, asio::dynamic_buffer(out), error);
    return {std::move(out), error};
  }
  // Reads on: whether the other end has reset the connection.
  bool sees_reset() { return receive_all().second == asio::error::connection_reset; }

  void finish() { socket_.shutdown(net::Socket::shutdown_send); }
  void close() { socket_.close(); }
  void reset() { net::reset(socket_); }

 private:
  asio::io_context io_;
  net::Socket socket_;
};

// A listener on a free port of the loopback.
inline net::Acceptor loopback_acceptor(asio::io_context& io) {
  return {io.get_executor(), net::Endpoint(asio::ip::address_v4::loopback(), 0)};
}

// Whether the system would make pauses between what the socket sends.
inline bool is_paced([[maybe_unused]] net::Socket& socket) {
#ifdef __linux__
  char name[16] = {};
  socklen_t size = sizeof name;
  return getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_CONGESTION, name, &size) == 0 &&
         std::string_view(name).starts_with("bbr");
#else
  return false;
#endif
}

// A port where nobody listens.
inline std::uint16_t closed_port() {
  asio::io_context io;
  return loopback_acceptor(io).local_endpoint().port();
}

template <typename T>
net::Awaitable<void> keep(net::Awaitable<T> task, std::optional<T>& out) {
  out.emplace(co_await std::move(task));
}

// Runs the coroutine to its end on the loop, and gives what it returned.
template <typename T>
T run(asio::io_context& io, net::Awaitable<T> task) {
  std::optional<T> out;
  std::exception_ptr failed;
  bool over = false;
  asio::co_spawn(io, keep(std::move(task), out), [&](const std::exception_ptr& error) {
    failed = error;
    over = true;
  });
  io.restart();
  while (!over && io.run_one() > 0) {
  }
  if (failed) std::rethrow_exception(failed);
  return std::move(out.value());
}

}  // namespace tunnel::test
