// Connecting to UNIX sockets.
#include "net/dial_local.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "os/net/local_socket.hpp"

namespace tunnel::net {

Awaitable<ConnectResult> connect_local(Socket& socket, std::string path,
                                       std::chrono::milliseconds timeout, const bool& cancelled) {
  // no event says when a backlog has room again
  constexpr std::chrono::milliseconds retry_delay{10};
  ConnectResult result;
  socket.close(result.error);
  const auto until = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    const os::LocalConnection made = os::connect_local(path);
    result.error = ErrorCode(made.code, asio::system_category());
    if (made.code == 0) {
      // from here on nothing depends on the protocol
      socket.assign(asio::ip::tcp::v4(), made.socket, result.error);
      co_return result;
    }
    if (!os::is_error(made.code, std::errc::resource_unavailable_try_again)) co_return result;
    if (timeout.count() != 0 && std::chrono::steady_clock::now() >= until) {
      result.error = asio::error::timed_out;
      result.timed_out = true;
      co_return result;
    }
    Timer timer(socket.get_executor(), retry_delay);
    co_await timer.async_wait(as_result);
    if (cancelled) {
      result.error = asio::error::operation_aborted;
      co_return result;
    }
  }
}

Error why_not_reached_locally(const std::string& path, const ConnectResult& result,
                              std::chrono::milliseconds timeout) {
  const std::string peer = "unix:" + one_line(path);
  const auto is = [&](std::errc condition) {
    return os::is_error(result.error.value(), condition);
  };
  if (result.timed_out)
    return {fmt::format("{} takes no connection within {}", peer, duration_text(timeout)),
            "is the program behind it busy, or stuck?"};
  if (is(std::errc::no_such_file_or_directory))
    return {fmt::format("there is no socket {}", peer),
            "is the program running that listens there, and the path right?"};
  if (is(std::errc::connection_refused))
    return {fmt::format("nobody listens at {}", peer), "is the program running?"};
  if (is(std::errc::permission_denied) || is(std::errc::operation_not_permitted))
    return {fmt::format("this user may not connect to {}", peer),
            "who may is said by the mode of the file and of its folders"};
  if (result.error == asio::error::no_descriptors)
    return {fmt::format("no connection to {}: the limit of open files is reached", peer),
            "raise it (ulimit -n), or allow fewer connections"};
  return {fmt::format("{}: {}", peer, result.error.message()), ""};
}

}  // namespace tunnel::net
