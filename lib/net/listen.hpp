// Listening sockets for the addresses of a configuration.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "net/io.hpp"
#include "os/net/local_socket.hpp"

namespace tunnel::net {

// Binds every address that `accept` stands for: a port alone means 127.0.0.1 and ::1, or every
// interface where `everywhere`; "localhost" means both loopback addresses; another name, all its
// addresses. Port 0 becomes the same free port on all. IPv6 is left out where the system has none.
// An error names the address and, where the system tells, the process that holds it, and suggests
// the next port that is free on all addresses and not in `reserved`. `busy` is set to whether that
// is the reason.
Result<std::vector<Acceptor>> listen(const Executor& executor, const config::HostPort& accept,
                                     bool everywhere, const std::set<std::uint16_t>& reserved = {},
                                     bool* busy = nullptr);

// The same for a UNIX socket at `path`, for this user alone; a stale socket file is replaced. The
// file is removed when `file` is destroyed.
struct LocalListener {
  Acceptor acceptor;
  os::SocketFile file;
};
Result<LocalListener> listen_local(const Executor& executor, const std::string& path);

// Takes over a TCP or UNIX socket that is listening already.
Result<Acceptor> adopt(const Executor& executor, os::NativeSocket socket);

// "127.0.0.1:5999", "unix:/run/tunnel.sock".
std::string text(Acceptor& acceptor);

}  // namespace tunnel::net
