// What is asked of a peer's certificates: the rules of a service, and the name of one connection.
#pragma once

#include <memory>
#include <string>

#include "os/trust.hpp"

namespace tunnel::tls {

struct Certificates;
struct RevocationLists;

// The same for all connections of a context.
struct Rules {
  bool peer_is_client = false;  // clientAuth instead of serverAuth, and no name to be checked
  std::shared_ptr<const Certificates> authorities = {};  // null where there are none
  os::ChainJudge system = {};  // asked where no authority vouches; may be empty
  std::shared_ptr<const RevocationLists> lists = {};  // null: nobody asks for revocation
};

// The name that a client asks for. An address is checked against iPAddress names and never sent.
struct ServerName {
  std::string text;
  bool is_address = false;
};

}  // namespace tunnel::tls
