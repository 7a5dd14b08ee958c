// The table of ports, as registered with IANA or used everywhere.
#include "protocol/explicit_tls.hpp"

#include <algorithm>
#include <iterator>

namespace tunnel {

namespace {

constexpr ExplicitTls all[] = {
    {21, "FTP", "AUTH TLS", 990},
    {24, "LMTP", "STARTTLS", 0},
    {25, "SMTP", "STARTTLS", 465},
    {110, "POP3", "STLS", 995},
    {119, "NNTP", "STARTTLS", 563},
    {143, "IMAP", "STARTTLS", 993},
    {389, "LDAP", "StartTLS", 636},
    {587, "SMTP", "STARTTLS", 465},
    {1433, "SQL Server", "a PRELOGIN message", 0},
    {2525, "SMTP", "STARTTLS", 465},
    {3268, "LDAP", "StartTLS", 3269},
    {3306, "MySQL", "an SSLRequest", 0},
    {3389, "RDP", "a connection request", 0},
    {4190, "ManageSieve", "STARTTLS", 0},
    {5222, "XMPP", "STARTTLS", 5223},
    {5269, "XMPP", "STARTTLS", 5270},
    {5432, "PostgreSQL", "an SSLRequest", 0},
    {6432, "PostgreSQL", "an SSLRequest", 0},
};

}  // namespace

const ExplicitTls* explicit_tls_at(std::uint16_t port) {
  const auto found = std::ranges::find(all, port, &ExplicitTls::port);
  return found != std::end(all) ? found : nullptr;
}

std::uint16_t tls_port_of(std::string_view protocol) {
  const auto found = std::ranges::find(all, protocol, &ExplicitTls::protocol);
  return found != std::end(all) ? found->tls_port : std::uint16_t{0};
}

bool is_tls_port(std::uint16_t port) {
  return port != 0 && std::ranges::count(all, port, &ExplicitTls::tls_port) != 0;
}

}  // namespace tunnel
