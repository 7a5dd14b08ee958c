// UNIX stream sockets: listening and connecting.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "os/net/socket.hpp"

namespace tunnel::os {

// The file of a listening socket. The destructor removes it, unless another file has replaced it.
class SocketFile {
 public:
  SocketFile() = default;
  explicit SocketFile(std::string path);
  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&& other) noexcept;
  ~SocketFile();
  // The file stays.
  void forget() { path_.clear(); }

 private:
  std::string path_;
  // of the file, where it has them
  [[maybe_unused]] std::uint64_t device_ = 0;
  [[maybe_unused]] std::uint64_t number_ = 0;
};

struct LocalListener {
  NativeSocket socket;
  SocketFile file;
};

// Listens at `path`, which only this user may connect to. Replaces a stale socket that nobody
// listens at; anything else at `path` is an error.
Result<LocalListener> listen_local(const std::string& path);

// Connects at once or not at all. `code` is the system's error; resource_unavailable_try_again
// means that the backlog is full.
struct LocalConnection {
  NativeSocket socket;  // valid if `code` is 0
  int code = 0;
};
LocalConnection connect_local(const std::string& path);

// The path of a UNIX socket or of its peer, as "unix:PATH"; "a local program" if neither has a
// path; empty for other sockets.
std::string local_place(NativeSocket socket);

}  // namespace tunnel::os
