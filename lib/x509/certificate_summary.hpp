// What a certificate says, as a value for people: nothing is decided by it.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "os/file/file_view.hpp"

struct mbedtls_x509_crt;

namespace tunnel::x509 {

// Texts are escaped: a certificate is a stranger's.
struct CertificateSummary {
  std::string subject;  // "CN=relay.example, O=Example"
  std::string issuer;
  std::vector<std::string> names;  // of the subjectAltName
  std::chrono::sys_seconds not_before;
  std::chrono::sys_seconds not_after;
  std::string key;  // "P-256", "RSA 2048"
  std::string pin;  // "sha256:BASE64" of its public key; empty where the library fails
};

CertificateSummary summary_of(const mbedtls_x509_crt& certificate);
// Of each in the list.
std::vector<CertificateSummary> summaries_of(const mbedtls_x509_crt& first);

// The certificates in a file of the user's own, leaf first.
Result<std::vector<CertificateSummary>> summaries_in(const std::filesystem::path& file,
                                                     const os::FileView& files = {});

// What a server has shown, and what was held against it.
struct PeerCertificates {
  // The leaf first, then each by the issuer of the one before, as far as that goes: up to the
  // authority that is trusted here, where there is one.
  std::vector<CertificateSummary> path;
  std::optional<Error> chain;  // why it is refused, whatever its names
  std::optional<Error> name;   // why it is refused for its names
  bool key_refused = false;    // whatever the chain and the name are
  bool first_use = false;      // no key of this server is known yet
};

}  // namespace tunnel::x509
