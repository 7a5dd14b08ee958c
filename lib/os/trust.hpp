// Where this system keeps the certificate authorities that it trusts.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace tunnel::os {

// PEM files and folders of them, or certificates (DER) that the system handed out.
struct SystemTrust {
  std::vector<std::filesystem::path> paths;
  std::vector<std::string> certificates;
};

// An error says which key of the configuration to set instead.
Result<SystemTrust> system_trust();

}  // namespace tunnel::os
