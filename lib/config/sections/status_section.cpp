// Accepts loopback addresses and UNIX sockets only.
#include "config/sections/status_section.hpp"

#include <fmt/format.h>

#include "base/host.hpp"
#include "base/text.hpp"

namespace tunnel::config {

namespace {

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  const auto bytes = address_bytes(host);
  if (!bytes) return false;
  if (bytes->size() == 4) return bytes->front() == 127;
  for (std::size_t i = 0; i + 1 < bytes->size(); ++i)
    if ((*bytes)[i] != 0) return false;
  return bytes->back() == 1;
}

}  // namespace

Result<SocketAddress> status_address(std::string_view text, const std::filesystem::path& folder) {
  auto address = read_address(text, folder, true);
  // the hints of read_address() name a relay, or the socket of a service
  if (!address)
    return Error{address.error().what,
                 text.starts_with("unix:") ? "unix:/run/tunnel/status.sock" : "127.0.0.1:9090"};
  if (address->inherited() != nullptr)
    return Error{"systemd passes sockets for services, none for the status", "127.0.0.1:9090"};
  if (const HostPort* tcp = address->tcp(); tcp != nullptr && !is_loopback(tcp->host))
    return Error{fmt::format("\"{}\" can be reached from elsewhere, and the status is for this "
                             "machine alone",
                             quotable(tcp->host)),
                 HostPort{"127.0.0.1", tcp->port}.text()};
  return address;
}

std::optional<SocketAddress> read_status(TableReader& reader, const std::filesystem::path& folder) {
  std::optional<SocketAddress> out;
  if (const auto listen = reader.text("listen")) {
    auto read = status_address(listen->value, folder);
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
