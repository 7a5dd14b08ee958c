// A certificate as a person reads it: whom it names, for how long, and the pin of its key.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/name_pattern.hpp"

struct mbedtls_x509_crt;

namespace tunnel::x509 {

// Foreign text is escaped.
struct PeerCertificate {
  std::string subject;             // "CN=relay.example, O=..."
  std::string issuer;              // likewise
  bool self_signed = false;        // its issuer is itself, by name
  std::vector<std::string> names;  // of the subjectAltName
  std::string name;                // the first of these, else the common name, else the subject
  std::string not_before;          // "2026-01-31 12:00:00 UTC"
  std::string not_after;
  std::chrono::sys_seconds expires;  // not_after
  std::string key;                   // "EC P-256", "RSA 2048 bits"
  std::string pin;                   // "sha256:BASE64"; empty only where the library fails
};

PeerCertificate describe(const mbedtls_x509_crt& certificate);

// The first one in a file, which is the leaf.
Result<PeerCertificate> read_certificate(const std::filesystem::path& path);

// What the holder is called: the DNS names, addresses, e-mail addresses and URIs of the
// subjectAltName, or where there is no such extension the common names. Raw.
std::vector<PeerName> peer_names(const mbedtls_x509_crt& certificate);

}  // namespace tunnel::x509
