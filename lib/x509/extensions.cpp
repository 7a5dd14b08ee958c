// The extensions of a certificate as they were written.
#include "x509/extensions.hpp"

#include <mbedtls/oid.h>

#include <array>

#include "x509/der.hpp"

namespace tunnel::x509 {

namespace {

// Extension ::= SEQUENCE { extnID OID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
std::optional<Extension> extension_in(std::string_view bytes) {
  Extension out;
  const auto oid = take_der(bytes, MBEDTLS_ASN1_OID);
  if (!oid) return std::nullopt;
  out.oid = *oid;
  if (next_tag(bytes) == MBEDTLS_ASN1_BOOLEAN) {
    const auto critical = take_der(bytes, MBEDTLS_ASN1_BOOLEAN);
    if (!critical || critical->size() != 1) return std::nullopt;
    out.critical = critical->front() != 0;
  }
  const auto value = take_der(bytes, MBEDTLS_ASN1_OCTET_STRING);
  if (!value || !bytes.empty()) return std::nullopt;
  out.value = *value;
  return out;
}

}  // namespace

std::optional<std::vector<Extension>> extensions_of(const mbedtls_x509_crt& certificate) {
  std::vector<Extension> out;
  std::string_view all = view_of(certificate.v3_ext);
  if (all.empty()) return out;
  auto list = take_der(all, der_sequence);
  if (!list || !all.empty()) return std::nullopt;
  while (!list->empty()) {
    const auto bytes = take_der(*list, der_sequence);
    const auto extension = bytes ? extension_in(*bytes) : std::nullopt;
    if (!extension) return std::nullopt;
    out.push_back(*extension);
  }
  return out;
}

std::string oid_text(std::string_view oid) {
  mbedtls_asn1_buf bytes{};
  bytes.tag = MBEDTLS_ASN1_OID;
  bytes.p = reinterpret_cast<unsigned char*>(const_cast<char*>(oid.data()));  // only read
  bytes.len = oid.size();
  std::array<char, 128> text{};
  if (mbedtls_oid_get_numeric_string(text.data(), text.size(), &bytes) < 0) return "unreadable";
  return text.data();
}

}  // namespace tunnel::x509
