// "unix:path" and "systemd:name": addresses on this machine other than TCP ports.
#include <fmt/format.h>

#include <algorithm>

#include "base/path.hpp"
#include "base/text.hpp"
#include "config/values.hpp"

namespace tunnel::config {

namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::string_view systemd_prefix = "systemd:";
// sockaddr_un has 108 bytes on Linux and 104 on macOS, and the last one ends the string
constexpr std::size_t max_path = 103;
// the longest that systemd.socket(5) takes for FileDescriptorName=
constexpr std::size_t max_name = 255;

Result<HostPort> unix_address(std::string_view path, const std::filesystem::path& folder) {
  if (path.empty()) return Error{"\"unix:\" has no path", "unix:tunnel.sock"};
  if (path.find('\0') != path.npos)
    return Error{"the path of a UNIX socket has a zero byte", "unix:tunnel.sock"};
  HostPort out;
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
  return out;
}

Result<HostPort> systemd_address(std::string_view name) {
  const bool good =
      !name.empty() && name.size() <= max_name &&
      std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
  if (!good)
    return Error{fmt::format("\"{}\" is no name of a socket: ASCII without spaces and colons, as "
                             "FileDescriptorName= has it",
                             escaped(name)),
                 "systemd:tunnel"};
  HostPort out;
  out.inherited = name;
  return out;
}

}  // namespace

std::optional<Result<HostPort>> local_address(std::string_view text,
                                              const std::filesystem::path& folder) {
  if (text.starts_with(unix_prefix)) return unix_address(text.substr(unix_prefix.size()), folder);
  if (text.starts_with(systemd_prefix)) return systemd_address(text.substr(systemd_prefix.size()));
  return std::nullopt;
}

}  // namespace tunnel::config
