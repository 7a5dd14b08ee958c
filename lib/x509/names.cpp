// The names in a certificate, and for which hosts they speak.
#include "x509/names.hpp"

#include <fmt/format.h>
#include <mbedtls/oid.h>

#include <algorithm>
#include <cstdint>

#include "x509/der.hpp"

namespace tunnel::x509 {

namespace {

bool is_label(std::string_view label) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         label.find_first_not_of(allowed) == label.npos;
}

std::string ipv6_text(std::string_view bytes) {
  const auto group = [&](std::size_t i) {
    return static_cast<unsigned>(static_cast<unsigned char>(bytes[2 * i]) << 8 |
                                 static_cast<unsigned char>(bytes[2 * i + 1]));
  };
  // the longest run of zeros is "::" (RFC 5952 section 4.2)
  std::size_t start = 8;
  std::size_t length = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t n = 0;
    while (i + n < 8 && group(i + n) == 0) ++n;
    if (n > length) {
      start = i;
      length = n;
    }
  }
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == start) {
      out += "::";
      i += length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    out += fmt::format("{:x}", group(i));
  }
  return out;
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

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == text.npos) return true;
    text.remove_prefix(dot + 1);
  }
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
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

std::string address_text(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() == 4) return fmt::format("{}.{}.{}.{}", byte(0), byte(1), byte(2), byte(3));
  if (bytes.size() == 16) return ipv6_text(bytes);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) out += fmt::format("{:02x}", byte(i));
  return out;
}

}  // namespace tunnel::x509
