// What is asked of a peer's certificates: the rules of a service, and the name of one connection.
#pragma once

#include <string>

namespace tunnel::tls {

// The same for all connections of a context.
struct Rules {
  bool peer_is_client = false;  // clientAuth instead of serverAuth, and no name to be checked
};

// The name that a client asks for. An address is checked against iPAddress names and never sent.
struct ServerName {
  std::string text;
  bool is_address = false;
};

}  // namespace tunnel::tls
