// Ports whose servers want words of their own protocol before a TLS handshake.
#pragma once

#include <cstdint>
#include <string_view>

namespace tunnel {

struct PortDialect {
  std::uint16_t port;
  std::string_view protocol;
  std::string_view request;   // with which its client asks for TLS
  std::string_view tls_port;  // where it speaks TLS from the first byte on; empty: nowhere
};

// Null for other ports, and for a peer without one. `peer` is "host:port".
const PortDialect* port_dialect(std::string_view peer);

}  // namespace tunnel
