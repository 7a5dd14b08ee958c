// Binds TCP and UNIX sockets, and restricts a UNIX socket to this user.
#include "status/status_listener.hpp"

#include <fmt/format.h>

#include "base/path.hpp"
#include "net/listen.hpp"
#include "os/net/socket.hpp"

namespace tunnel::status {

namespace {

namespace fs = std::filesystem;
using Local = asio::local::stream_protocol;

bool is_served(const net::Executor& executor, const fs::path& path) {
  asio::basic_stream_socket<Local, net::Executor> socket(executor);
  net::ErrorCode error;
  socket.connect(Local::endpoint(text_of(path)), error);
  return !error || error == asio::error::would_block || error == asio::error::try_again;
}

Error failed(const config::SocketAddress& wanted, const std::string& why, std::string next) {
  return {fmt::format("cannot listen on {}: {}", wanted.text(), why), std::move(next)};
}

Result<StatusListener> open_local(const net::Executor& executor,
                                  const config::SocketAddress& wanted) {
  const fs::path path = path_of(wanted.local()->path);
  std::error_code ignored;
  const auto there = fs::symlink_status(path, ignored);
  if (there.type() == fs::file_type::socket) {
    if (is_served(executor, path))
      return failed(wanted, "another program listens there",
                    "stop that one, or choose another path");
    fs::remove(path, ignored);
  } else if (fs::exists(there)) {
    return failed(wanted, "there is a file of that name", "remove it, or choose another path");
  }
  LocalAcceptor acceptor(executor);
  net::ErrorCode error;
  acceptor.open(Local(), error);
  if (!error) os::keep_from_commands(static_cast<os::NativeSocket>(acceptor.native_handle()));
  if (!error) acceptor.bind(Local::endpoint(text_of(path)), error);
  if (error)
    return failed(wanted, error.message(), "does its folder exist, and may this user write there?");
  // before listen(), so that no other user can connect in between; Windows has no such modes
  std::error_code no_mode;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, no_mode);
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (error) {
    fs::remove(path, ignored);
    return failed(wanted, error.message(), "");
  }
  StatusListener out;
  out.local.push_back(std::move(acceptor));
  out.addresses.push_back(wanted.text());
  return out;
}

}  // namespace

Result<StatusListener> open_listener(const net::Executor& executor,
                                     const config::SocketAddress& wanted) {
  if (wanted.local() != nullptr) return open_local(executor, wanted);
  auto acceptors = net::listen(executor, *wanted.tcp(), false);
  if (!acceptors) return acceptors.error();
  StatusListener out;
  out.tcp = std::move(*acceptors);
  for (const net::Acceptor& acceptor : out.tcp) {
    net::ErrorCode ignored;
    out.addresses.push_back(net::text(acceptor.local_endpoint(ignored)));
  }
  return out;
}

}  // namespace tunnel::status
