// The table of ports, as registered with IANA or used everywhere.
#include "protocol/port_dialect.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace tunnel {

namespace {

constexpr PortDialect dialects[] = {
    {21, "FTP", "AUTH TLS", "990"},
    {24, "LMTP", "STARTTLS", ""},
    {25, "SMTP", "STARTTLS", "465"},
    {110, "POP3", "STLS", "995"},
    {119, "NNTP", "STARTTLS", "563"},
    {143, "IMAP", "STARTTLS", "993"},
    {389, "LDAP", "StartTLS", "636"},
    {587, "SMTP", "STARTTLS", "465"},
    {1433, "SQL Server", "a PRELOGIN message", ""},
    {2525, "SMTP", "STARTTLS", "465"},
    {3268, "LDAP", "StartTLS", "3269"},
    {3306, "MySQL", "an SSLRequest", ""},
    {3389, "RDP", "a connection request", ""},
    {4190, "ManageSieve", "STARTTLS", ""},
    {5222, "XMPP", "STARTTLS", "5223"},
    {5269, "XMPP", "STARTTLS", "5270"},
    {5432, "PostgreSQL", "an SSLRequest", ""},
    {6432, "PostgreSQL", "an SSLRequest", ""},
};

}  // namespace

const PortDialect* port_dialect(std::string_view peer) {
  const std::size_t colon = peer.rfind(':');
  if (colon == peer.npos || peer.starts_with("unix:")) return nullptr;
  std::uint16_t port = 0;
  const auto [end, error] =
      std::from_chars(peer.data() + colon + 1, peer.data() + peer.size(), port);
  if (error != std::errc() || end != peer.data() + peer.size()) return nullptr;
  const auto found = std::find_if(std::begin(dialects), std::end(dialects),
                                  [port](const PortDialect& one) { return one.port == port; });
  return found != std::end(dialects) ? found : nullptr;
}

}  // namespace tunnel
