// The certificate authorities that the system trusts, or its own check of a chain.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace tunnel::os {

// Certificates in DER, the leaf first.
using Chain = std::vector<std::string>;

// Builds a path from the leaf to an authority that the system trusts, from the peer's certificates
// and the system's own; an error says why there is none. Doesn't check names. Thread-safe; may wait
// some seconds for the network.
using ChainJudge = std::function<Result<Chain>(const Chain& presented, bool peer_is_client)>;

// PEM files and folders of them, or certificates in DER; or `judge`, on systems without a reliable
// list of authorities.
struct SystemTrust {
  std::vector<std::filesystem::path> paths = {};
  std::vector<std::string> certificates = {};
  ChainJudge judge = {};
};

// The hint of an error says how to mend the system's trust store; the caller adds how to do without
// it.
Result<SystemTrust> system_trust();

// What a person does where the trust store is there and holds nothing: "install ...".
std::string how_to_install_trust();

}  // namespace tunnel::os
