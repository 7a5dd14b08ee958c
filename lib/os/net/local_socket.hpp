// UNIX stream sockets by their path: to listen at, and to connect to.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "os/net/socket.hpp"

namespace tunnel::os {

// The file of a listening socket, removed at the end unless another one has taken its place.
class SocketFile {
 public:
  SocketFile() = default;
  explicit SocketFile(std::string path);
  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&& other) noexcept;
  ~SocketFile();

 private:
  std::string path_;
  std::uint64_t device_ = 0;
  std::uint64_t number_ = 0;
};

struct LocalListener {
  NativeSocket socket;
  SocketFile file;
};

// Listens at `path`, for this user alone. A socket that nobody listens at any more gives way; an
// error says what else is there.
Result<LocalListener> listen_local(const std::string& path);

// A connection that is there at once, or none. `code` is the system's where it has refused: a
// backlog that is full is resource_unavailable_try_again.
struct LocalConnection {
  NativeSocket socket;  // only where `code` is 0
  int code = 0;
};
LocalConnection connect_local(const std::string& path);

// Where a socket of this machine is: the path of its own end or of its peer's, whichever has one;
// "a local program" where neither has, and empty for one that is no UNIX socket.
std::string local_place(NativeSocket socket);

}  // namespace tunnel::os
