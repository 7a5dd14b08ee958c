// Failures of TLS in plain words.
#include "tls/error.hpp"

#include <fmt/format.h>
#include <mbedtls/error.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"

namespace tunnel::tls {

namespace {

constexpr unsigned char handshake_record = 0x16;
constexpr unsigned char alert_record = 0x15;

bool spoke_tls(const std::string& first_bytes) {
  const auto type = static_cast<unsigned char>(first_bytes.front());
  return (type == handshake_record || type == alert_record) &&
         (first_bytes.size() < 2 || first_bytes[1] == 3);
}

// The first line of what the peer sent, for a message.
std::string first_line(const std::string& bytes) {
  const auto end = std::min(bytes.find_first_of("\r\n"), bytes.size());
  return escaped(std::string_view(bytes).substr(0, end > 0 ? end : bytes.size()), 40);
}

struct Greeting {
  std::string_view start;
  std::string_view protocol;
};

constexpr std::array greetings = {
    Greeting{"SSH-", "SSH"},         Greeting{"RFB ", "VNC"},      Greeting{"HTTP/", "HTTP"},
    Greeting{"GET ", "HTTP"},        Greeting{"POST ", "HTTP"},    Greeting{"HEAD ", "HTTP"},
    Greeting{"PUT ", "HTTP"},        Greeting{"OPTIONS ", "HTTP"}, Greeting{"CONNECT ", "HTTP"},
    Greeting{"220 ", "SMTP or FTP"}, Greeting{"* OK", "IMAP"},     Greeting{"+OK", "POP3"},
};

std::string_view protocol_of(const std::string& bytes) {
  for (const Greeting& greeting : greetings)
    if (bytes.starts_with(greeting.start)) return greeting.protocol;
  return {};
}

Error explain_not_tls(const Failure& f) {
  const std::string shown = first_line(f.first_bytes);
  const std::string_view protocol = protocol_of(f.first_bytes);
  if (f.client) {
    Error out{fmt::format("{} answered \"{}\" where TLS was expected", f.peer, shown),
              "turn the relay's TLS option on, or set tls = false for this service"};
    if (!protocol.empty()) out.what += fmt::format(": this port speaks {} in the clear", protocol);
    return out;
  }
  Error out{fmt::format("{} sent \"{}\" instead of a TLS ClientHello", f.peer, shown),
            "it must speak TLS, or go through a client-mode tunnel"};
  if (protocol == "HTTP") out.hint = "it must use https, or go through a client-mode tunnel";
  if (protocol == "SSH") out.hint = "SSH encrypts by itself: set tls = false for this service";
  return out;
}

// Certificates that mbedTLS does not read cannot be looked at by anybody else.
std::optional<Error> explain_unreadable(const Failure& f) {
  constexpr int unknown_critical_extension =
      MBEDTLS_ERR_X509_INVALID_EXTENSIONS + MBEDTLS_ERR_ASN1_UNEXPECTED_TAG;
  switch (f.code) {
    case unknown_critical_extension:
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
    case MBEDTLS_ERR_X509_INVALID_ALG:
    case MBEDTLS_ERR_X509_SIG_MISMATCH:
      return Error{fmt::format("{} presented a certificate with a signature that is not accepted "
                               "here, such as MD5 or Ed25519",
                               f.peer),
                   "it must be signed with ECDSA or RSA, and SHA-256 or better"};
    case MBEDTLS_ERR_X509_FATAL_ERROR:
      return Error{fmt::format("the chain that {} presented is too long", f.peer),
                   "eight authorities between the leaf and the trusted one are the most"};
    default:
      break;
  }
  return std::nullopt;
}

Error explain_alert(const Failure& f) {
  Error out{
      fmt::format("{} refused the {}: {}", f.peer, f.in_handshake ? "handshake" : "connection",
                  alert_text(static_cast<unsigned>(f.alert))),
      ""};
  switch (f.alert) {
    case MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE:
      out.hint = "the two ends have no version, suite or group in common";
      break;
    case MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION:
      out.hint = "it may speak TLS 1.1 or older only";
      break;
    case MBEDTLS_SSL_ALERT_MSG_UNKNOWN_CA:
      out.hint = f.client ? "it does not trust our certificate's issuer"
                          : "name this certificate's issuer as trusted there";
      break;
    case MBEDTLS_SSL_ALERT_MSG_CERT_REQUIRED:
    case MBEDTLS_SSL_ALERT_MSG_NO_CERT:
      out.hint = "it wants a client certificate: set cert and key";
      break;
    case MBEDTLS_SSL_ALERT_MSG_UNRECOGNIZED_NAME:
      out.hint = "it does not serve that name: set server_name";
      break;
    default:
      if (!f.client && f.alert >= MBEDTLS_SSL_ALERT_MSG_BAD_CERT &&
          f.alert <= MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN)
        out.hint = "it does not accept our certificate";
  }
  return out;
}

}  // namespace

std::string code_text(int code) {
  char text[160] = "";
  mbedtls_strerror(code, text, sizeof text);
  return fmt::format("{}, -0x{:04x}", text, static_cast<unsigned>(-code));
}

std::string alert_text(unsigned description) {
  switch (description) {
    case 0:
      return "it closed";
    case 10:
      return "unexpected message";
    case 20:
      return "bad record";
    case 22:
      return "record too long";
    case 40:
      return "handshake failure";
    case 42:
      return "bad certificate";
    case 43:
      return "unsupported certificate";
    case 44:
      return "certificate revoked";
    case 45:
      return "certificate expired";
    case 46:
      return "certificate not accepted";
    case 47:
      return "illegal parameter";
    case 48:
      return "unknown authority";
    case 49:
      return "access denied";
    case 50:
      return "message that cannot be decoded";
    case 51:
      return "wrong signature or key";
    case 70:
      return "protocol version not supported";
    case 71:
      return "security too low";
    case 80:
      return "internal error there";
    case 86:
      return "inappropriate fallback";
    case 90:
      return "cancelled by its user";
    case 109:
      return "missing extension";
    case 110:
      return "unsupported extension";
    case 112:
      return "unrecognized name";
    case 115:
      return "unknown pre-shared key";
    case 116:
      return "certificate required";
    case 120:
      return "no application protocol in common";
    default:
      return fmt::format("alert {}", description);
  }
}

Error explain(const Failure& f) {
  if (f.in_handshake && !f.first_bytes.empty() && !spoke_tls(f.first_bytes))
    return explain_not_tls(f);
  if (auto unreadable = explain_unreadable(f)) return *unreadable;
  switch (f.code) {
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
      if (f.alert >= 0) return explain_alert(f);
      break;
    case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION:
      return {fmt::format("{} and this end have no TLS version in common", f.peer),
              "TLS 1.2 and 1.3 are spoken here, unless min_version or max_version says otherwise"};
    case MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE:
      return {fmt::format("{} and this end have no suite, group or signature in common", f.peer),
              "only AEAD suites with forward secrecy are spoken here"};
    case MBEDTLS_ERR_SSL_INVALID_MAC:
      return explain_record(f);
    default:
      break;
  }
  return {fmt::format("TLS with {} failed: {}", f.peer, code_text(f.code)), ""};
}

Error explain_early_end(const Failure& f) {
  if (!f.first_bytes.empty() && !spoke_tls(f.first_bytes)) return explain_not_tls(f);
  if (f.client)
    return {fmt::format("{} closed the connection {} the TLS handshake", f.peer,
                        f.first_bytes.empty() ? "without a byte of" : "in the middle of"),
            "is its port right, and its TLS option on?"};
  return {fmt::format("{} closed the connection {} the TLS handshake", f.peer,
                      f.first_bytes.empty() ? "without a byte of" : "in the middle of"),
          f.first_bytes.empty() ? "it may have been a port scan or a health check"
                                : "it may not trust this certificate"};
}

Error explain_record(const Failure& f) {
  if (f.alert >= 0) return explain_alert(f);
  if (*f.reason != '\0') return {fmt::format("{} {}", f.peer, f.reason), ""};
  return {fmt::format("a record from {} was forged or damaged on the way", f.peer), ""};
}

Error explain_truncation(const std::string& peer) {
  return {fmt::format("{} ended the connection without close_notify: the data may have been cut "
                      "short",
                      peer),
          ""};
}

}  // namespace tunnel::tls
