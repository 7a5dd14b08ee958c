// Protocols that start TLS by a command of their own (STARTTLS and the like), and their ports.
#pragma once

#include <cstdint>
#include <string_view>

namespace tunnel {

struct ExplicitTls {
  std::uint16_t port;
  std::string_view protocol;
  std::string_view request;  // with which the client asks for TLS
  std::uint16_t tls_port;    // where it speaks TLS from the first byte on; 0: nowhere
};

// Null for other ports.
const ExplicitTls* explicit_tls_at(std::uint16_t port);

// The port on which a protocol, such as "SMTP", speaks TLS from the first byte on; 0 if there is
// none.
std::uint16_t tls_port_of(std::string_view protocol);
// Whether a port is one of these.
bool is_tls_port(std::uint16_t port);

}  // namespace tunnel
