// The extensions of a certificate as they were written (RFC 5280 section 4.2), also those that
// mbedTLS passes over.
#pragma once

#include <mbedtls/x509_crt.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tunnel::x509 {

// Views into the certificate.
struct Extension {
  std::string_view oid;  // DER, without tag and length
  bool critical = false;
  std::string_view value;  // what the OCTET STRING holds
};

// Nothing where they cannot be read.
std::optional<std::vector<Extension>> extensions_of(const mbedtls_x509_crt& certificate);

// "2.5.29.30".
std::string oid_text(std::string_view oid);

// The bytes of an OID of mbedtls/oid.h, which may have a NUL among them.
template <std::size_t n>
constexpr std::string_view oid_of(const char (&literal)[n]) {
  return {literal, n - 1};
}

}  // namespace tunnel::x509
