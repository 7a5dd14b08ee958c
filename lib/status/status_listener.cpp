// Binds TCP and UNIX sockets.
#include "status/status_listener.hpp"

#include <utility>

#include "net/listen.hpp"

namespace tunnel::status {

Result<StatusListener> open_listener(const net::Executor& executor,
                                     const config::SocketAddress& wanted) {
  StatusListener out;
  if (const config::UnixSocket* local = wanted.local()) {
    auto listener = net::listen_local(executor, local->path);
    if (!listener) return listener.error();
    out.acceptors.push_back(std::move(listener->acceptor));
    out.file = std::move(listener->file);
  } else {
    auto acceptors = net::listen(executor, *wanted.tcp(), false);
    if (!acceptors) return acceptors.error();
    out.acceptors = std::move(*acceptors);
  }
  for (net::Acceptor& acceptor : out.acceptors) out.addresses.push_back(net::text(acceptor));
  return out;
}

Result<StatusListener> take_listener(const net::Executor& executor,
                                     std::vector<net::Acceptor> bound) {
  StatusListener out;
  for (net::Acceptor& acceptor : bound) {
    net::ErrorCode error;
    auto moved = net::adopt(executor, static_cast<os::NativeSocket>(acceptor.release(error)));
    if (!moved) return moved.error();
    out.addresses.push_back(net::text(*moved));
    out.acceptors.push_back(std::move(*moved));
  }
  return out;
}

}  // namespace tunnel::status
