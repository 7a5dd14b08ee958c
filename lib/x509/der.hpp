// Steps through DER with mbedTLS's readers, in views that do not own.
#pragma once

#include <mbedtls/asn1.h>
#include <mbedtls/x509_crt.h>

#include <optional>
#include <string_view>

namespace tunnel::x509 {

// What follows is taken off the front of `rest`; nothing, and a `rest` of no use, where it is not
// what was expected.
inline std::optional<std::string_view> take_der(std::string_view& rest, int tag) {
  // mbedTLS's readers take pointers to non-const, and do not write
  auto* p = reinterpret_cast<unsigned char*>(const_cast<char*>(rest.data()));
  const unsigned char* const end = p + rest.size();
  std::size_t size = 0;
  if (mbedtls_asn1_get_tag(&p, end, &size, tag) != 0) return std::nullopt;
  const auto* content = reinterpret_cast<const char*>(p);
  rest = {content + size,
          static_cast<std::size_t>(reinterpret_cast<const char*>(end) - content) - size};
  return std::string_view(content, size);
}

// The tag of what follows; -1 at the end.
inline int next_tag(std::string_view rest) {
  return rest.empty() ? -1 : static_cast<unsigned char>(rest.front());
}

// Whether every element spans what it says, down to the innermost: false for a file with bytes
// missing or changed in a length.
inline bool is_well_formed(std::string_view der, int deepest = 32) {
  constexpr int long_tag = 0x1f;  // more than one byte
  while (!der.empty()) {
    const int tag = next_tag(der);
    if ((tag & long_tag) == long_tag) return true;
    const auto content = take_der(der, tag);
    if (!content) return false;
    const bool nests = (tag & MBEDTLS_ASN1_CONSTRUCTED) != 0;
    if (nests && (deepest == 0 || !is_well_formed(*content, deepest - 1))) return false;
  }
  return true;
}

constexpr int der_sequence = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE;

inline std::string_view view_of(const mbedtls_asn1_buf& bytes) {
  return {reinterpret_cast<const char*>(bytes.p), bytes.len};
}

inline bool is_self_issued(const mbedtls_x509_crt& certificate) {
  return view_of(certificate.issuer_raw) == view_of(certificate.subject_raw);
}

}  // namespace tunnel::x509
