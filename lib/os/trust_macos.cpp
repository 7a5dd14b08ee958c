// The trust store of macOS: the bundle of the system's roots that it ships as a file.
#include "os/trust.hpp"

namespace tunnel::os {

Result<SystemTrust> system_trust() {
  const std::filesystem::path bundle = "/etc/ssl/cert.pem";
  std::error_code error;
  if (std::filesystem::exists(bundle, error)) return SystemTrust{{bundle}, {}};
  return Error{"there is no /etc/ssl/cert.pem on this system",
               "name the authority with ca = \"...\""};
}

}  // namespace tunnel::os
