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

// Binds every address that `accept` stands for: a port alone is 127.0.0.1 and ::1, or every
// interface where `everywhere`; "localhost" is both loopbacks; another name, all its addresses.
// Port 0 becomes the same free port on all. IPv6 is left out where the system has none. An error
// names the address and, where the system tells, who holds it, and offers the next port that is
// free on all and not `spoken_for`. `busy` is told whether that is the reason.
Result<std::vector<Acceptor>> listen(const Executor& executor, const config::HostPort& accept,
                                     bool everywhere,
                                     const std::set<std::uint16_t>& spoken_for = {},
                                     bool* busy = nullptr);

// The same for a UNIX socket at `path`, for this user alone; one that nobody listens at any more
// gives way. The file goes with the second.
struct LocalListener {
  Acceptor acceptor;
  os::SocketFile file;
};
Result<LocalListener> listen_local(const Executor& executor, const std::string& path);

// A listening TCP or UNIX socket that is there already; it is the acceptor's from then on.
Result<Acceptor> adopt(const Executor& executor, os::NativeSocket socket);

// "127.0.0.1:5999", "unix:/run/tunnel.sock".
std::string text(Acceptor& acceptor);

}  // namespace tunnel::net
