// Reads and prints each kind of address.
#include "config/socket_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/host.hpp"
#include "base/lookalike.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "config/address_meant.hpp"
#include "config/values.hpp"

namespace tunnel::config {

namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::string_view systemd_prefix = "systemd:";
// sockaddr_un has 108 bytes on Linux and 104 on macOS, and the last one ends the string
constexpr std::size_t max_path = 103;
// the longest that systemd.socket(5) takes for FileDescriptorName=
constexpr std::size_t max_name = 255;

Result<SocketAddress> unix_address(std::string_view path, const std::filesystem::path& folder) {
  if (path.empty()) return Error{"\"unix:\" has no path", "unix:tunnel.sock"};
  if (path.find('\0') != path.npos)
    return Error{"the path of a UNIX socket has a zero byte", "unix:tunnel.sock"};
  if (std::any_of(path.begin(), path.end(), [](char c) { return c > 0 && c < ' '; }))
    return Error{fmt::format("\"{}\" has a control character", quotable(path)), "unix:tunnel.sock"};
  UnixSocket out;
  const std::u8string normal = (folder / path_of(path)).lexically_normal().generic_u8string();
  out.path.assign(normal.begin(), normal.end());
  if (out.path.size() > max_path)
    return Error{
        fmt::format("\"{}\" is longer than the {} bytes that a UNIX socket's path may have",
                    one_line(out.path), max_path),
        "unix:/run/tunnel/tunnel.sock"};
  if (out.path.ends_with('/'))
    return Error{fmt::format("\"{}\" is the path of a folder", one_line(out.path)),
                 fmt::format("unix:{}tunnel.sock", path)};
  return SocketAddress(std::move(out));
}

Result<SocketAddress> systemd_address(std::string_view name) {
  const bool good =
      !name.empty() && name.size() <= max_name &&
      std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
  if (!good)
    return Error{fmt::format("\"{}\" is no name of a socket: ASCII without spaces and colons, as "
                             "FileDescriptorName= has it",
                             quotable(name)),
                 "systemd:tunnel"};
  return SocketAddress(InheritedSocket{std::string(name)});
}

std::optional<unsigned> number(std::string_view text, unsigned max) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value > max)
    return std::nullopt;
  return value;
}

}  // namespace

std::string HostPort::text() const {
  return host.find(':') == host.npos ? fmt::format("{}:{}", host, port)
                                     : fmt::format("[{}]:{}", host, port);
}

std::string SocketAddress::text() const {
  if (const UnixSocket* socket = local()) return "unix:" + socket->path;
  if (const InheritedSocket* sockets = inherited()) return "systemd:" + sockets->name;
  return tcp()->text();
}

namespace {

Result<HostPort> read_host_port(std::string_view text, bool zero_allowed) {
  const auto wrong = [&](std::string what) {
    return Error{std::move(what), address_meant(with_plain_characters(text), zero_allowed)};
  };
  const auto no_port = [&] { return wrong(fmt::format("\"{}\" has no port", quotable(text))); };
  if (text.find("://") != text.npos)
    return wrong(
        fmt::format("\"{}\" is a URL, where a host and a port are wanted", quotable(text)));
  std::string_view host;
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const auto close = text.find(']');
    if (close == text.npos)
      return wrong(fmt::format("\"{}\" opens a bracket and does not close it", quotable(text)));
    host = text.substr(1, close - 1);
    if (!is_ipv6(host))
      return wrong(fmt::format("\"{}\" has no IPv6 address between its brackets", quotable(text)));
    const std::string_view rest = text.substr(close + 1);
    if (rest.empty()) return no_port();
    if (rest.front() != ':')
      return wrong(
          fmt::format("\"{}\" has something other than a port behind the bracket", quotable(text)));
    port = rest.substr(1);
  } else {
    if (is_ipv6(text))
      return wrong(fmt::format("\"{}\" has no port, or no brackets around its IPv6 address",
                               quotable(text)));
    const auto colon = text.rfind(':');
    host = text.substr(0, colon);
    if (host.empty()) return wrong(fmt::format("\"{}\" has no host", quotable(text)));
    if (const std::string advice = international_name_advice(host); !advice.empty())
      return Error{advice};
    if (!is_host(host) || is_ipv6(host))
      return wrong(fmt::format("\"{}\" is neither a host name nor an address", quotable(host)));
    if (colon == text.npos) return no_port();
    port = text.substr(colon + 1);
  }
  const auto value = number(port, 65535);
  if (port.empty()) return no_port();
  if (!value || (*value == 0 && !zero_allowed))
    return wrong(fmt::format("port \"{}\" is not a number from {} to 65535", quotable(port),
                             zero_allowed ? 0 : 1));
  return HostPort{std::string(host), static_cast<std::uint16_t>(*value)};
}

}  // namespace

Result<HostPort> host_port(std::string_view text, bool zero_allowed) {
  auto out = read_host_port(text, zero_allowed);
  const std::string odd = out ? "" : first_lookalike(text);
  if (odd.empty()) return out;
  std::string meant = with_plain_characters(text);
  meant.erase(std::remove(meant.begin(), meant.end(), ' '), meant.end());
  const auto plain = read_host_port(meant, zero_allowed);
  if (!plain) return out;
  return Error{fmt::format("in \"{}\" {}", quotable(text), odd), plain->text()};
}

Result<SocketAddress> read_address(std::string_view text, const std::filesystem::path& folder,
                                   bool zero_allowed) {
  if (text.starts_with(unix_prefix)) return unix_address(text.substr(unix_prefix.size()), folder);
  if (text.starts_with(systemd_prefix)) return systemd_address(text.substr(systemd_prefix.size()));
  if (const std::string_view bare = trimmed(text);
      bare.starts_with('/') || bare.starts_with("./") || bare.starts_with(unix_prefix)) {
    const std::string socket =
        (bare.starts_with(unix_prefix) ? "" : std::string(unix_prefix)) + std::string(bare);
    if (unix_address(std::string_view(socket).substr(unix_prefix.size()), folder))
      return Error{fmt::format("\"{}\" is a path: a UNIX socket begins with unix:", quotable(text)),
                   socket};
  }
  auto tcp = host_port(text, zero_allowed);
  if (!tcp) return tcp.error();
  return SocketAddress(*std::move(tcp));
}

}  // namespace tunnel::config
