// Accepts loopback addresses and UNIX sockets only.
#include "config/sections/status_section.hpp"

#include <fmt/format.h>

#include "base/path.hpp"
#include "base/text.hpp"

namespace tunnel::config {

namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::size_t max_path = 103;  // macOS has the shortest sun_path: 104 with its NUL

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  const auto bytes = address_bytes(host);
  if (!bytes) return false;
  if (bytes->size() == 4) return bytes->front() == 127;
  for (std::size_t i = 0; i + 1 < bytes->size(); ++i)
    if ((*bytes)[i] != 0) return false;
  return bytes->back() == 1;
}

Result<StatusListen> unix_socket(std::string_view path, const std::filesystem::path& folder) {
  if (path.empty()) return Error{"\"unix:\" has no path", "unix:status.sock"};
  StatusListen out{{}, folder / path_of(path)};
  if (text_of(out.path).size() > max_path)
    return Error{fmt::format("the path {} is longer than the {} bytes that a UNIX socket may have",
                             shown(out.path), max_path),
                 "unix:/run/tunnel/status.sock"};
  return out;
}

}  // namespace

Result<StatusListen> status_listen(std::string_view text, const std::filesystem::path& folder) {
  if (text.starts_with(unix_prefix)) return unix_socket(text.substr(unix_prefix.size()), folder);
  auto address = host_port(text, true);
  if (!address) {
    // the hint of host_port() names a relay
    return Error{address.error().what, "127.0.0.1:9090"};
  }
  if (!is_loopback(address->host))
    return Error{fmt::format("\"{}\" can be reached from elsewhere, and the status is for this "
                             "machine alone",
                             escaped(address->host)),
                 HostPort{"127.0.0.1", address->port}.text()};
  return StatusListen{*address, {}};
}

std::string StatusListen::text() const {
  return path.empty() ? address.text() : "unix:" + shown(path);
}

std::optional<StatusListen> read_status(TableReader& reader, const std::filesystem::path& folder) {
  std::optional<StatusListen> out;
  if (const auto listen = reader.text("listen")) {
    auto read = status_listen(listen->value, folder);
    if (read)
      out = std::move(*read);
    else
      reader.mistake(listen->place, "listen", read.error().what,
                     Suggestion::string_setting("listen", read.error().hint));
  }
  reader.refuse_unknown();
  return out;
}

}  // namespace tunnel::config
