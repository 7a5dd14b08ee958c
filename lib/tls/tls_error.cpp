// Failures of TLS in plain words.
#include "tls/tls_error.hpp"

#include <fmt/format.h>
#include <mbedtls/error.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509.h>

#include <optional>

#include "tls/alerts.hpp"
#include "tls/protocol_mismatch.hpp"
#include "tls/ssl_compat.hpp"
#include "x509/library_error.hpp"
#include "x509/pk_compat.hpp"

namespace tunnel::tls {

namespace {

// The version in the hello that a peer began with; in a server's it is the one that it has chosen,
// or 1.2 for 1.3 as well. Empty where the bytes are no hello.
std::string_view version_of_hello(std::string_view bytes) {
  constexpr char handshake_record = 0x16;
  constexpr std::size_t type_at = 5;
  constexpr std::size_t version_at = 9;
  if (bytes.size() < version_at + 2 || bytes[0] != handshake_record || bytes[version_at] != 3 ||
      (bytes[type_at] != 1 && bytes[type_at] != 2))
    return {};
  switch (bytes[version_at + 1]) {
    case 0:
      return "SSL 3.0";
    case 1:
      return "TLS 1.0";
    case 2:
      return "TLS 1.1";
    case 3:
      return "TLS 1.2";
    default:
      return {};
  }
}

std::string_view text_of(Versions versions) {
  switch (versions) {
    case Versions::only12:
      return "TLS 1.2 only";
    case Versions::only13:
      return "TLS 1.3 only";
    case Versions::both:
      break;
  }
  return "TLS 1.2 and 1.3";
}

// Certificates that mbedTLS does not read cannot be looked at by anybody else.
std::optional<Error> explain_unreadable(const Failure& f) {
  switch (f.code) {
    case x509::unknown_critical_extension:
    case MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE:
#if defined(TUNNEL_READS_NAME_CONSTRAINTS)
      return Error{fmt::format("{} presented a certificate with a critical extension that is not "
                               "understood here",
                               f.peer),
                   "it needs an issuer, or a certificate, without it"};
#else
      return Error{fmt::format("{} presented a certificate with a critical extension that is not "
                               "understood here",
                               f.peer),
                   "it may be name constraints, which the mbedTLS of this system does not read: a "
                   "tunnel that is built with its own does"};
#endif
    case MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG:
    case x509::unknown_signature:
    case MBEDTLS_ERR_X509_INVALID_ALG:
    case MBEDTLS_ERR_X509_SIG_MISMATCH:
      return Error{fmt::format("{} presented a certificate with a signature that is not accepted "
                               "here, such as MD5 or Ed25519",
                               f.peer),
                   "it must be signed with ECDSA or RSA, and SHA-256 or better"};
    case MBEDTLS_ERR_PK_UNKNOWN_PK_ALG:
    case MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE:
      return Error{fmt::format("{} presented a certificate with a key of a kind that is not "
                               "accepted here, such as Ed25519",
                               f.peer),
                   "it needs a key of EC (P-256 or P-384) or RSA"};
    case MBEDTLS_ERR_X509_FATAL_ERROR:
      return Error{fmt::format("the chain that {} presented is too long", f.peer),
                   "eight authorities between the leaf and the trusted one are the most"};
    default:
      break;
  }
  return std::nullopt;
}

Error explain_version(const Failure& f) {
  const std::string_view theirs = version_of_hello(f.first_bytes);
  const std::string_view ours = text_of(f.versions);
  if (theirs == "TLS 1.2" && f.versions == Versions::only13)
    return {fmt::format("{} speaks TLS 1.2, and this end {}", f.peer, ours),
            "remove min_version, or renew the other end"};
  // a hello says 1.2 for 1.3, too
  if (theirs == "TLS 1.2" && f.versions == Versions::only12)
    return {fmt::format("{} speaks another version of TLS, and this end {}", f.peer, ours),
            "remove max_version"};
  if (theirs.empty() || theirs == "TLS 1.2")
    return {fmt::format("{} and this end have no TLS version in common: this end speaks {}", f.peer,
                        ours),
            "the other end must be renewed"};
  return {fmt::format("{} speaks {} at most, and this end {}", f.peer, theirs, ours),
          "the other end must be renewed"};
}

}  // namespace

Error explain(const Failure& f) {
  const bool has_spoken = !f.first_bytes.empty();
  if (f.in_handshake && !may_be_tls(f.first_bytes)) return explain_protocol_mismatch(f);
  if (f.message_size != 0)
    return {fmt::format("{} sent a handshake message of {} bytes, which is larger than this end "
                        "takes: at most {}",
                        f.peer, f.message_size, longest_handshake_message),
            "the limit is tunnel's own; give that end a certificate with fewer names, or a shorter "
            "chain"};
  if (auto unreadable = explain_unreadable(f)) return *unreadable;
  switch (f.code) {
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
      if (f.alert >= 0) return explain_alert(f);
      break;
    case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION:
      return explain_version(f);
    case MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE:
      return {fmt::format("{} and this end have no suite, group or signature in common", f.peer),
              f.client ? std::string(suites_to_turn_on)
                       : fmt::format("{}; or give this end a certificate of another kind (P-256, "
                                     "or RSA of 2048 bits)",
                                     suites_to_turn_on)};
    case MBEDTLS_ERR_SSL_INVALID_MAC:
      return explain_record(f);
    case bad_input:  // a record that is too long; or ours, before any byte
    case MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE:
    case MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER:
    case MBEDTLS_ERR_SSL_DECODE_ERROR:
    case MBEDTLS_ERR_SSL_INVALID_RECORD:
    case MBEDTLS_ERR_SSL_UNSUPPORTED_EXTENSION:
      if (!has_spoken) break;
      return {fmt::format("{} said what TLS does not allow: {}", f.peer, x509::code_text(f.code)),
              "one of the two ends is faulty, or a device on the way changes what they say"};
    default:
      break;
  }
  return {fmt::format("TLS with {} failed: {}", f.peer, x509::code_text(f.code)), ""};
}

Error explain_record(const Failure& f) {
  if (f.alert >= 0) return explain_alert(f);
  if (*f.reason != '\0')
    return {fmt::format("{} {}", f.peer, f.reason),
            f.asked_to_renegotiate ? std::string(renegotiation_hint(f)) : std::string()};
  return {fmt::format("a record from {} was forged or damaged on the way", f.peer), ""};
}

Error explain_truncation(const Failure& f) {
  Error out{fmt::format("{} ended the connection without close_notify", f.peer), ""};
  if (f.asked_to_renegotiate) {
    out.what += ", after it had asked for a renegotiation, which this end refuses";
    out.hint = renegotiation_hint(f);
  } else {
    out.what += ": the data may have been cut short";
  }
  return out;
}

}  // namespace tunnel::tls
