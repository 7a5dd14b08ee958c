// Describing a certificate, and its holder's names.
#include "x509/peer_certificate.hpp"

#include <fmt/format.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include <string_view>

#include "base/host.hpp"
#include "base/text.hpp"
#include "x509/certificates.hpp"
#include "x509/names.hpp"
#include "x509/pin.hpp"
#include "x509/pk_compat.hpp"
#include "x509/x509_time.hpp"

namespace tunnel::x509 {

namespace {

using Kind = PeerName::Kind;

constexpr std::size_t longest_name = 200;  // shown

std::string_view text_of(const mbedtls_x509_buf& buffer) {
  return {reinterpret_cast<const char*>(buffer.p), buffer.len};
}

std::string subject_text(const mbedtls_x509_name& name) {
  char text[512] = "";
  mbedtls_x509_dn_gets(text, sizeof text, &name);
  return escaped(text, longest_name);
}

std::string date_text(const mbedtls_x509_time& t) {
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", t.year, t.mon, t.day, t.hour, t.min,
                     t.sec);
}

std::string key_text(const mbedtls_x509_crt& certificate) {
  const auto bits = mbedtls_pk_get_bitlen(&certificate.pk);
  return is_rsa(certificate.pk) ? fmt::format("RSA {} bits", bits) : fmt::format("EC P-{}", bits);
}

std::string shown(const PeerName& name) {
  return name.kind == Kind::address ? address_text(name.text) : escaped(name.text, longest_name);
}

void add_alternative_names(const mbedtls_x509_crt& certificate, std::vector<PeerName>& names) {
  for (const auto* item = &certificate.subject_alt_names; item != nullptr; item = item->next) {
    mbedtls_x509_subject_alternative_name name{};
    if (item->buf.p == nullptr || mbedtls_x509_parse_subject_alt_name(&item->buf, &name) != 0)
      continue;
    const std::string text(text_of(name.san.unstructured_name));
    switch (name.type) {
      case MBEDTLS_X509_SAN_DNS_NAME:
        names.push_back({Kind::dns, text});
        break;
      case MBEDTLS_X509_SAN_RFC822_NAME:
        names.push_back({Kind::email, text});
        break;
      case MBEDTLS_X509_SAN_UNIFORM_RESOURCE_IDENTIFIER:
        names.push_back({Kind::uri, text});
        break;
      case MBEDTLS_X509_SAN_IP_ADDRESS:
        names.push_back({Kind::address, text});
        break;
      default:
        break;
    }
    mbedtls_x509_free_subject_alt_name(&name);
  }
}

}  // namespace

std::vector<PeerName> peer_names(const mbedtls_x509_crt& certificate) {
  std::vector<PeerName> names;
  if (mbedtls_x509_crt_has_ext_type(&certificate, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME) != 0) {
    add_alternative_names(certificate, names);
    return names;
  }
  for (const auto* part = &certificate.subject; part != nullptr; part = part->next)
    if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &part->oid) == 0 && part->val.len > 0)
      names.push_back({Kind::common, std::string(text_of(part->val))});
  return names;
}

PeerCertificate describe(const mbedtls_x509_crt& certificate) {
  PeerCertificate out;
  out.subject = subject_text(certificate.subject);
  out.issuer = subject_text(certificate.issuer);
  out.self_signed = text_of(certificate.issuer_raw) == text_of(certificate.subject_raw);
  for (const PeerName& name : peer_names(certificate)) {
    if (out.name.empty()) out.name = shown(name);
    if (name.kind != Kind::common) out.names.push_back(shown(name));
  }
  if (out.name.empty()) out.name = out.subject;
  out.not_before = date_text(certificate.valid_from);
  out.not_after = date_text(certificate.valid_to);
  out.expires = time_of(certificate.valid_to);
  out.key = key_text(certificate);
  if (const auto digest = key_digest(certificate)) out.pin = pin_text(*digest);
  return out;
}

Result<PeerCertificate> read_certificate(const std::filesystem::path& path) {
  const auto chain = load_chain(path);
  if (!chain) return chain.error();
  return describe((*chain)->chain);
}

}  // namespace tunnel::x509
