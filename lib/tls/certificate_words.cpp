// Why a peer's certificate is refused, in plain words.
#include "tls/certificate_words.hpp"

#include <fmt/format.h>
#include <mbedtls/x509.h>

#include "base/text.hpp"

namespace tunnel::tls {

Error explain_certificate(const Presented& presented, const CertificateFacts& f,
                          std::uint32_t flags) {
  if ((flags & MBEDTLS_X509_BADCERT_EXPIRED) != 0)
    return {fmt::format("the certificate of {} expired on {}", presented.peer, f.not_after),
            "its owner must renew it; check the clock here too"};
  if ((flags & MBEDTLS_X509_BADCERT_FUTURE) != 0)
    return {
        fmt::format("the certificate of {} is valid only from {}", presented.peer, f.not_before),
        "check the clock here"};
  if ((flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0) {
    if (f.self_signed)
      return {fmt::format("the certificate of {} is self-signed and not among the trusted ones",
                          presented.peer),
              "if it is the right one, save it as a file and name that file with ca = \"...\""};
    return {fmt::format("the certificate of {} was issued by {}, which is not trusted here",
                        presented.peer, f.issuer),
            "name the issuer's certificate with ca = \"...\"; if it is, the server may lack an "
            "intermediate"};
  }
  if ((flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) != 0 && f.names.empty())
    return {fmt::format("the certificate of {} has no name that counts", presented.peer),
            "its owner must give it a subjectAltName: a common name alone is not believed"};
  if ((flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) != 0)
    return {fmt::format("the certificate is for {}, not for {}", joined_with_and(f.names),
                        presented.expected_name),
            "connect to the name, or set server_name"};
  if ((flags & (MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE |
                MBEDTLS_X509_BADCERT_NS_CERT_TYPE)) != 0)
    return {fmt::format("the certificate of {} is not for {}", presented.peer,
                        presented.by_client ? "clients" : "servers"),
            presented.by_client ? "it needs the extended key usage clientAuth"
                                : "it needs the extended key usage serverAuth"};
  if ((flags & (MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK |
                MBEDTLS_X509_BADCERT_BAD_KEY)) != 0)
    return {fmt::format("the certificate of {} or one of its issuers is too weak", presented.peer),
            "it needs SHA-256 or better, and RSA of 2048 bits or P-256 at least"};
  if ((flags & MBEDTLS_X509_BADCERT_MISSING) != 0)
    return {fmt::format("{} presented no certificate", presented.peer), "give it a certificate"};
  return {fmt::format("the certificate of {} was refused (flags {:#x})", presented.peer, flags),
          ""};
}

}  // namespace tunnel::tls
