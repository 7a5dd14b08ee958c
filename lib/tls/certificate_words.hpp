// Why a peer's certificate is refused, in plain words with the next step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace tunnel::tls {

// What is known of the certificates that a peer has shown.
struct CertificateFacts {
  std::vector<std::string> names;  // of the leaf; escaped
  std::string issuer;              // of the last certificate that was presented; escaped
  std::string not_before;  // validity of the certificate that failed, "2026-01-31 12:00:00 UTC"
  std::string not_after;
  bool self_signed = false;
};

// Who showed them to whom.
struct Presented {
  std::string peer;           // the other end, as the user knows it
  std::string expected_name;  // the name that was asked for; empty where none was
  bool by_client = false;
};

// `flags` are mbedTLS's, MBEDTLS_X509_BADCERT_..., and not 0.
Error explain_certificate(const Presented& presented, const CertificateFacts& facts,
                          std::uint32_t flags);

}  // namespace tunnel::tls
