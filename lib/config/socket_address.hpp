// Addresses of a configuration: a host and a port, a UNIX socket, or inherited sockets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/error.hpp"

namespace tunnel::config {

// The host is a name or an address without brackets; empty in `accept` if only a port was given.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;

  // "host:port", with brackets around an IPv6 address.
  std::string text() const;
  bool operator==(const HostPort&) const = default;
};

// UTF-8; absolute, or relative to the working directory.
struct UnixSocket {
  std::string path;

  bool operator==(const UnixSocket&) const = default;
};

// The service manager's name for the sockets that it passes: FileDescriptorName=,
// systemd.socket(5).
struct InheritedSocket {
  std::string name;

  bool operator==(const InheritedSocket&) const = default;
};

// Where to listen or connect. Only `accept` can be inherited.
class SocketAddress {
 public:
  SocketAddress() = default;
  SocketAddress(HostPort tcp) : value_(std::move(tcp)) {}
  SocketAddress(UnixSocket local) : value_(std::move(local)) {}
  SocketAddress(InheritedSocket inherited) : value_(std::move(inherited)) {}

  // Null where it is of another kind.
  const HostPort* tcp() const { return std::get_if<HostPort>(&value_); }
  const UnixSocket* local() const { return std::get_if<UnixSocket>(&value_); }
  const InheritedSocket* inherited() const { return std::get_if<InheritedSocket>(&value_); }

  // The host of a name or an address; empty for the others.
  std::string_view host() const { return tcp() != nullptr ? tcp()->host : std::string_view(); }

  // As in the file: "host:port", "unix:path", "systemd:name".
  std::string text() const;
  bool operator==(const SocketAddress&) const = default;

 private:
  std::variant<HostPort, UnixSocket, InheritedSocket> value_;
};

// "host:port", "[::1]:port". The hint of an error is a valid string, or empty where a name has to
// be found out first. Port 0 is an error unless `zero_allowed`.
Result<HostPort> host_port(std::string_view text, bool zero_allowed);

// Any kind; the path of a UNIX socket is relative to `folder`. The hint of an error is a valid
// string.
Result<SocketAddress> read_address(std::string_view text, const std::filesystem::path& folder,
                                   bool zero_allowed);

}  // namespace tunnel::config
