// Where this system keeps the certificate authorities that it trusts, or how it judges by itself.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace tunnel::os {

// Certificates, each as DER, the leaf first.
using Chain = std::vector<std::string>;

// The path from the leaf to an authority that the system trusts, made of what a peer has presented
// and of what the system knows; or why there is none. Names are not looked at. For all threads; it
// may wait for the network, for some seconds.
using ChainJudge = std::function<Result<Chain>(const Chain& presented, bool peer_is_client)>;

// PEM files and folders of them, or certificates (DER) that the system handed out; or a judge,
// where there is no list of authorities that could be relied on.
struct SystemTrust {
  std::vector<std::filesystem::path> paths = {};
  std::vector<std::string> certificates = {};
  ChainJudge judge = {};
};

// An error says which key of the configuration to set instead.
Result<SystemTrust> system_trust();

}  // namespace tunnel::os
