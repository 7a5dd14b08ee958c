// The Asio types of this program: one thread per io_context, concrete executors, errors as values.
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

#include "config/ranges.hpp"

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

// To compare.
config::Address address_of(const Endpoint& endpoint);

// The types are those of TCP, and UNIX sockets use them too; this tells the two apart by the
// address that the system reports.
bool is_local(const Endpoint& endpoint);

// The peer's address, "unix:path" for the client of a UNIX socket, or empty where the connection is
// gone.
std::string peer_of(const Socket& socket);

// The same without the port.
std::string host_of(const Socket& socket);

// Why a connection failed, in words that follow the name of the peer; empty for a reset, which
// needs no explanation.
std::string why_broken(const ErrorCode& error);

// Whether the system resets the connection when the program is killed.
void reset_on_close(Socket& socket, bool reset);

// Resets the connection: the peer must not take this for a clean end.
void reset(Socket& socket);

}  // namespace tunnel::net
