// Lists of revoked certificates made on the spot, which mbedTLS reads but does not write.
#pragma once

#include <chrono>

#include "base/base64.hpp"
#include "support/chain.hpp"

namespace tunnel::test {

struct ListWish {
  std::vector<const Certificate*> revoked = {};
  std::string from = "200101000000Z";
  std::string until = "491231235959Z";
  std::string extension = {};  // DER of one
};

inline std::string list_armoured(const std::string& der) {
  return "-----BEGIN X509 CRL-----\n" + to_base64(der) + "\n-----END X509 CRL-----\n";
}

// Signed by `issuer` with ECDSA and SHA-256, in PEM.
inline std::string make_list(const Certificate& issuer, const ListWish& wish = {}) {
  const auto parsed = [](const Certificate& certificate) {
    auto out = std::make_unique<x509::Certificates>();
    if (!x509::add_certificate(*out, der_of(certificate)))
      throw std::runtime_error("no certificate");
    return out;
  };
  const auto bytes = [](const mbedtls_x509_buf& buf) {
    return std::string(reinterpret_cast<const char*>(buf.p), buf.len);
  };
  const std::string algorithm = sequence(der(0x06, "\x2a\x86\x48\xce\x3d\x04\x03\x02"));
  std::string entries;
  for (const Certificate* certificate : wish.revoked)
    entries +=
        sequence(der(0x02, bytes(parsed(*certificate)->chain.serial)) + der(0x17, "240131120000Z"));
  const std::string body =
      sequence(der(0x02, "\1") + algorithm + bytes(parsed(issuer)->chain.subject_raw) +
               der(0x17, wish.from) + (wish.until.empty() ? "" : der(0x17, wish.until)) +
               (entries.empty() ? "" : sequence(entries)) +
               (wish.extension.empty() ? "" : der(0xa0, sequence(wish.extension))));

  std::array<unsigned char, 32> hash{};
  std::size_t size = 0;
  require_zero(
      psa_hash_compute(PSA_ALG_SHA_256, reinterpret_cast<const unsigned char*>(body.data()),
                       body.size(), hash.data(), hash.size(), &size),
      "hash");
  std::array<unsigned char, 512> signature{};
  require_zero(x509::sign_digest(*issuer.key->pk(), MBEDTLS_MD_SHA256, hash, signature, size),
               "signature");
  const std::string bits =
      std::string(1, '\0') + std::string(reinterpret_cast<const char*>(signature.data()), size);
  return list_armoured(sequence(body + algorithm + der(0x03, bits)));
}

}  // namespace tunnel::test
