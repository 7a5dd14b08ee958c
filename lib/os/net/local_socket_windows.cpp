// No UNIX sockets on Windows, where Asio doesn't support them.
#include "os/net/local_socket.hpp"

#include <utility>

namespace tunnel::os {

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {}
SocketFile::SocketFile(SocketFile&&) noexcept = default;
SocketFile& SocketFile::operator=(SocketFile&&) noexcept = default;
SocketFile::~SocketFile() = default;

Result<LocalListener> listen_local(const std::string& path) {
  return Error{"cannot listen on unix:" + path + ": there are no UNIX sockets for it on Windows",
               "listen on a port instead"};
}

LocalConnection connect_local(const std::string&) {
  return {0, static_cast<int>(std::errc::address_family_not_supported)};
}

std::string local_place(NativeSocket) { return {}; }

}  // namespace tunnel::os
