// The pin of a certificate: SHA-256 of its public key (SubjectPublicKeyInfo, RFC 7469 section 2.4).
#pragma once

#include <mbedtls/x509_crt.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace tunnel::x509 {

using KeyDigest = std::array<std::uint8_t, 32>;

// Nothing where the digest cannot be computed, which is a fault of the library.
std::optional<KeyDigest> key_digest(const mbedtls_x509_crt& certificate);

// "sha256:BASE64", as the key `pin` has it.
std::string pin_text(const KeyDigest& digest);

}  // namespace tunnel::x509
