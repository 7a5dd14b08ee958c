// UNIX stream sockets by POSIX.
#include "os/net/local_socket.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

#include "base/text.hpp"

namespace tunnel::os {

namespace {

bool fill(const std::string& path, sockaddr_un& out) {
  out.sun_family = AF_UNIX;
  if (path.size() >= sizeof out.sun_path) return false;
  std::memcpy(out.sun_path, path.data(), path.size());
  return true;
}

int open_stream() {
  const int out = socket(AF_UNIX, SOCK_STREAM, 0);
  if (out < 0) return out;
  fcntl(out, F_SETFD, FD_CLOEXEC);
  fcntl(out, F_SETFL, O_NONBLOCK);
  return out;
}

const sockaddr* general(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// Removes a stale socket that nobody listens at; an error if anything else is at the path.
Result<std::monostate> remove_stale_socket(const std::string& path) {
  struct stat there {};
  if (lstat(path.c_str(), &there) != 0) return std::monostate{};
  if (!S_ISSOCK(there.st_mode))
    return Error{fmt::format("cannot listen on unix:{}: there is something that is no socket",
                             one_line(path)),
                 "remove it, or choose another path"};
  const LocalConnection probe = connect_local(path);
  if (probe.code == 0) close(probe.socket);
  if (probe.code != ECONNREFUSED && probe.code != ENOENT)
    return Error{fmt::format("cannot listen on unix:{}: {}", one_line(path),
                             probe.code == 0 || probe.code == EAGAIN
                                 ? std::string("another program listens there")
                                 : fmt::format("a socket is there, and whether anybody listens "
                                               "cannot be seen ({})",
                                               std::strerror(probe.code))),
                 "stop that one, or choose another path"};
  if (unlink(path.c_str()) != 0 && errno != ENOENT)
    return Error{fmt::format("cannot listen on unix:{}: a socket that nobody listens at any more "
                             "cannot be removed ({})",
                             one_line(path), std::strerror(errno)),
                 "remove it"};
  return std::monostate{};
}

std::string path_in(const sockaddr_un& address, socklen_t size) {
  constexpr socklen_t head = offsetof(sockaddr_un, sun_path);
  if (address.sun_family != AF_UNIX || size <= head) return {};
  std::string path(address.sun_path, std::min<std::size_t>(size - head, sizeof address.sun_path));
  if (path.front() == '\0') return "@" + escaped(path.substr(1));
  if (const auto end = path.find('\0'); end != path.npos) path.resize(end);
  return one_line(path);
}

}  // namespace

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {
  struct stat there {};
  if (lstat(path_.c_str(), &there) != 0) path_.clear();
  device_ = static_cast<std::uint64_t>(there.st_dev);  // an int on macOS
  number_ = there.st_ino;
}

SocketFile::SocketFile(SocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), number_(other.number_) {}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(device_, other.device_);
  std::swap(number_, other.number_);
  return *this;
}

SocketFile::~SocketFile() {
  struct stat there {};
  if (path_.empty() || lstat(path_.c_str(), &there) != 0) return;
  if (static_cast<std::uint64_t>(there.st_dev) == device_ && there.st_ino == number_)
    unlink(path_.c_str());
}

Result<LocalListener> listen_local(const std::string& path) {
  const auto failed = [&](int error, std::string hint) {
    return Error{fmt::format("cannot listen on unix:{}: {}", one_line(path), std::strerror(error)),
                 std::move(hint)};
  };
  sockaddr_un address{};
  if (!fill(path, address)) return failed(ENAMETOOLONG, "choose a shorter path");
  if (auto removed = remove_stale_socket(path); !removed) return removed.error();
  const int out = open_stream();
  if (out < 0) return failed(errno, "");
  // bind() makes the file: only this user may connect from its first moment on
  const mode_t before = umask(0177);
  const int bound = bind(out, general(address), sizeof address);
  const int bind_error = errno;
  umask(before);
  if (bound != 0 || listen(out, SOMAXCONN) != 0) {
    const int error = bound != 0 ? bind_error : errno;
    close(out);
    return failed(error,
                  error == ENOENT ? "create its folder" : "may this user write in its folder?");
  }
  return LocalListener{out, SocketFile(path)};
}

LocalConnection connect_local(const std::string& path) {
  sockaddr_un address{};
  if (!fill(path, address)) return {-1, ENAMETOOLONG};
  const int out = open_stream();
  if (out < 0) return {-1, errno};
  if (connect(out, general(address), sizeof address) == 0) return {out, 0};
  const int error = errno;
  close(out);
  return {-1, error};
}

std::string local_place(NativeSocket socket) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      address.sun_family != AF_UNIX)
    return {};
  std::string path = path_in(address, size);
  size = sizeof address;
  if (path.empty() && getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    path = path_in(address, size);
  return path.empty() ? "a local program" : "unix:" + path;
}

}  // namespace tunnel::os
