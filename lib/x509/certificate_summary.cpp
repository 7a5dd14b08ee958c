// What a certificate says, as a value for people.
#include "x509/certificate_summary.hpp"

#include <fmt/format.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include "base/text.hpp"
#include "x509/certificates.hpp"
#include "x509/pin.hpp"
#include "x509/pk_compat.hpp"
#include "x509/x509_time.hpp"

namespace tunnel::x509 {

namespace {

std::string distinguished_name(const mbedtls_x509_name& name) {
  char text[512] = "";
  // one that is too long for the room is shown as far as it goes
  mbedtls_x509_dn_gets(text, sizeof text, &name);
  return escaped(text, 200);
}

std::string key_text(const mbedtls_pk_context& key) {
  const std::size_t bits = mbedtls_pk_get_bitlen(&key);
  const psa_key_type_t type = type_of(key);
  if (type == PSA_KEY_TYPE_NONE) return fmt::format("{} bits", bits);
  if (PSA_KEY_TYPE_IS_RSA(type)) return fmt::format("RSA {}", bits);
  if (PSA_KEY_TYPE_IS_ECC(type) && PSA_KEY_TYPE_ECC_GET_FAMILY(type) == PSA_ECC_FAMILY_SECP_R1)
    return fmt::format("P-{}", bits);
  return fmt::format("{} bits", bits);
}

}  // namespace

CertificateSummary summary_of(const mbedtls_x509_crt& certificate) {
  const auto digest = key_digest(certificate);
  return {distinguished_name(certificate.subject),
          distinguished_name(certificate.issuer),
          names_of(certificate),
          time_of(certificate.valid_from),
          time_of(certificate.valid_to),
          key_text(certificate.pk),
          digest ? pin_text(*digest) : std::string()};
}

std::vector<CertificateSummary> summaries_of(const mbedtls_x509_crt& first) {
  std::vector<CertificateSummary> out;
  for (const auto* one = &first; one != nullptr; one = one->next) out.push_back(summary_of(*one));
  return out;
}

Result<std::vector<CertificateSummary>> summaries_in(const std::filesystem::path& file,
                                                     const os::FileView& files) {
  const auto chain = load_chain(file, files);
  if (!chain) return chain.error();
  return summaries_of((*chain)->chain);
}

}  // namespace tunnel::x509
