// What is asked of a peer's certificates: the rules of a service, and the name of one connection.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/name_pattern.hpp"
#include "base/wording.hpp"
#include "os/file/system_trust.hpp"

namespace tunnel::x509 {

struct Certificates;
class KnownServers;
struct RevocationLists;

// The same for all connections of a context.
struct Rules {
  bool peer_is_client = false;  // clientAuth instead of serverAuth, and no name to be checked
  // False: chain, name and dates do not count, but the key alone: it must be one of `pins` or of
  // `known`, unless `any_key`.
  bool chain = true;
  std::shared_ptr<const Certificates> authorities = {};  // null where there are none
  std::shared_ptr<const Certificates> named = {};  // those of them that the user named; may be null
  bool system_authorities = false;                 // those of the system are among them
  os::ChainJudge system = {};                      // asked where no authority vouches; may be empty
  std::shared_ptr<const RevocationLists> lists = {};  // null: nobody asks for revocation
  bool any_key = false;                               // for looking only
  std::vector<std::string> pins;   // not empty: the leaf's key must be one of these
  std::vector<NamePattern> names;  // not empty: one of the leaf's names must match one
  std::shared_ptr<const KnownServers>
      known;                               // keys accepted at their first use, and other ones not
  std::shared_ptr<const Wording> wording;  // of what messages advise; never null
};

// The name that a client asks for. An address is checked against iPAddress names and never sent.
struct ServerName {
  std::string text;
  bool is_address = false;
  // Under which its key is remembered: the "host:port" that was dialled, and " name" where `text`
  // is not that host.
  std::string target = {};
};

}  // namespace tunnel::x509
