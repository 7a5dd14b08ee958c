// The trust store of a Linux distribution: OpenSSL's two variables, else the known bundles.
#include <cstdlib>

#include "os/trust.hpp"

namespace tunnel::os {

Result<SystemTrust> system_trust() {
  namespace fs = std::filesystem;
  SystemTrust trust;
  for (const char* name : {"SSL_CERT_FILE", "SSL_CERT_DIR"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0')
      trust.paths.emplace_back(value);
  if (!trust.paths.empty()) return trust;
  for (const char* path : {
           "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Alpine, Arch, Gentoo
           "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL
           "/etc/pki/tls/certs/ca-bundle.crt",                   // older RHEL
           "/etc/ssl/ca-bundle.pem",                             // openSUSE
           "/etc/ssl/cert.pem",                                  // Alpine, OpenWrt, the BSDs
           "/etc/ssl/certs",                                     // a folder of single certificates
       }) {
    std::error_code error;
    if (fs::exists(path, error)) {
      trust.paths.emplace_back(path);
      return trust;
    }
  }
  return Error{"this system has no trust store in any of the usual places",
               "install the package ca-certificates, set SSL_CERT_FILE, or name the authority with "
               "ca = \"...\""};
}

}  // namespace tunnel::os
