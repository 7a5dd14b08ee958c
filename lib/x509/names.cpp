// The names in a certificate, and for which hosts they speak.
#include "x509/names.hpp"

#include <mbedtls/oid.h>

#include "base/host.hpp"
#include "base/text.hpp"
#include "x509/der.hpp"

namespace tunnel::x509 {

namespace {

bool same_value(const mbedtls_x509_buf& one, const mbedtls_x509_buf& other) {
  if (one.tag == other.tag && view_of(one) == view_of(other)) return true;
  const auto is_text = [](const mbedtls_x509_buf& value) {
    return value.tag == MBEDTLS_ASN1_UTF8_STRING || value.tag == MBEDTLS_ASN1_PRINTABLE_STRING;
  };
  return is_text(one) && is_text(other) && lower_case(view_of(one)) == lower_case(view_of(other));
}

}  // namespace

AlternativeNames alternative_names(const mbedtls_x509_crt& certificate) {
  AlternativeNames out;
  if (mbedtls_x509_crt_has_ext_type(&certificate, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME) == 0)
    return out;
  for (const auto* item = &certificate.subject_alt_names; item != nullptr; item = item->next) {
    if (item->buf.p == nullptr) continue;
    const int tag = item->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK;
    out.kinds |= 1U << tag;
    if (tag == static_cast<int>(NameKind::dns)) out.dns.emplace_back(view_of(item->buf));
    if (tag == static_cast<int>(NameKind::address)) out.addresses.emplace_back(view_of(item->buf));
  }
  return out;
}

bool same_name(const mbedtls_x509_name& one, const mbedtls_x509_name& other) {
  const mbedtls_x509_name* a = &one;
  const mbedtls_x509_name* b = &other;
  for (; a != nullptr && b != nullptr; a = a->next, b = b->next)
    if (view_of(a->oid) != view_of(b->oid) || !same_value(a->val, b->val) ||
        a->MBEDTLS_PRIVATE(next_merged) != b->MBEDTLS_PRIVATE(next_merged))
      return false;
  return a == b;  // at the end of both
}

bool speaks_for(std::string_view dns_name, std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (!is_host_name(host)) return false;
  if (dns_name.starts_with("*.")) {
    dns_name.remove_prefix(2);
    const std::size_t dot = host.find('.');
    if (dot == host.npos || dns_name.find('.') == dns_name.npos) return false;
    host.remove_prefix(dot + 1);
  }
  return is_host_name(dns_name) && lower_case(dns_name) == lower_case(host);
}

}  // namespace tunnel::x509
