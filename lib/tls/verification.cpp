// Whether a peer's certificates are believed.
#include "tls/verification.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "config/values.hpp"
#include "tls/certificates.hpp"

namespace tunnel::tls {

namespace {

std::chrono::sys_seconds time_of(const mbedtls_x509_time& t) {
  using namespace std::chrono;
  const sys_days day = year_month_day(year(t.year), month(static_cast<unsigned>(t.mon)),
                                      std::chrono::day(static_cast<unsigned>(t.day)));
  return day + hours(t.hour) + minutes(t.min) + seconds(t.sec);
}

std::string date_text(const mbedtls_x509_time& t) {
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", t.year, t.mon, t.day, t.hour, t.min,
                     t.sec);
}

bool is_self_issued(const mbedtls_x509_crt& certificate) {
  return certificate.issuer_raw.len == certificate.subject_raw.len &&
         std::memcmp(certificate.issuer_raw.p, certificate.subject_raw.p,
                     certificate.issuer_raw.len) == 0;
}

}  // namespace

Verification::Verification(const Rules& rules, ServerName name)
    : rules_(rules), name_(std::move(name)) {}

void Verification::look_at(const mbedtls_x509_crt& certificate, int depth, std::uint32_t& flags) {
  if (!std::exchange(seen_, true)) trust_ = new_trust();
  trust_.ends = std::min(trust_.ends, time_of(certificate.valid_to));
  const bool out_of_time =
      (flags & (MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE)) != 0;
  if (out_of_time || facts_.not_after.empty()) {
    facts_.not_before = date_text(certificate.valid_from);
    facts_.not_after = date_text(certificate.valid_to);
  }
  // the first is where trust ended
  if (facts_.issuer.empty()) {
    char issuer[256] = "";
    mbedtls_x509_dn_gets(issuer, sizeof issuer, &certificate.issuer);
    facts_.issuer = fmt::format("\"{}\"", escaped(issuer, 200));
    // a server may send the root too: that does not make its own certificate self-signed
    facts_.self_signed = depth == 0 && is_self_issued(certificate);
  }
  if (depth > 0) return;
  facts_.names = names_of(certificate);
  if (!rules_.peer_is_client) check_name(certificate, flags);
}

void Verification::check_name(const mbedtls_x509_crt& leaf, std::uint32_t& flags) const {
  // mbedTLS would believe a common name where there is no subjectAltName; RFC 9525 section 2 does
  // not
  if (facts_.names.empty()) flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  if (name_.is_address) {
    // mbedTLS checks a name and sends it as one thing, and an address must not be sent (RFC 6066
    // section 3): it was given no name, and the address is checked here.
    const auto address = config::address_bytes(name_.text);
    if (!address || !has_address(leaf, *address)) flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  }
}

Error Verification::explain(const std::string& peer, std::uint32_t flags) const {
  return explain_certificate({peer, name_.text, rules_.peer_is_client}, facts_, flags);
}

}  // namespace tunnel::tls
