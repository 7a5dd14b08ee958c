// The Asio types of this program: one thread for each io_context, concrete executors, errors as
// values.
#pragma once

#include <asio/as_tuple.hpp>
#include <asio/awaitable.hpp>
#include <asio/basic_socket_acceptor.hpp>
#include <asio/basic_stream_socket.hpp>
#include <asio/basic_waitable_timer.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/use_awaitable.hpp>

#include <chrono>
#include <string>

namespace tunnel::net {

using Executor = asio::io_context::executor_type;
using Endpoint = asio::ip::tcp::endpoint;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
using ErrorCode = asio::error_code;

template <typename T>
using Awaitable = asio::awaitable<T, Executor>;

// For co_await: a tuple that begins with the error code.
inline constexpr auto as_result = asio::as_tuple(asio::use_awaitable_t<Executor>());

// "127.0.0.1:5999", "[::1]:5999".
std::string text(const Endpoint& endpoint);

// The types are those of TCP, and UNIX sockets are handed to them as they are; this tells them by
// the address that the system gives.
bool is_local(const Endpoint& endpoint);

// The peer's address, "unix:path" for the client of a UNIX socket, or an empty string where the
// connection is gone.
std::string peer_of(const Socket& socket);

// Likewise without the port.
std::string host_of(const Socket& socket);

// Why a receive failed, in words; empty for a reset, which needs none.
std::string why_broken(const ErrorCode& error);

// How the system closes the connection where nobody says it, as when the program is killed.
void reset_on_close(Socket& socket, bool reset);

// Drops the connection with a reset: the peer must not take this for a clean end.
void reset(Socket& socket);

}  // namespace tunnel::net
