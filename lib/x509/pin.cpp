// The pin of a certificate.
#include "x509/pin.hpp"

#include <psa/crypto.h>

#include "base/base64.hpp"

namespace tunnel::x509 {

std::optional<KeyDigest> key_digest(const mbedtls_x509_crt& certificate) {
  KeyDigest digest{};
  std::size_t size = 0;
  if (psa_hash_compute(PSA_ALG_SHA_256, certificate.pk_raw.p, certificate.pk_raw.len, digest.data(),
                       digest.size(), &size) != PSA_SUCCESS ||
      size != digest.size())
    return std::nullopt;
  return digest;
}

std::string pin_text(const KeyDigest& digest) {
  return "sha256:" + to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace tunnel::x509
