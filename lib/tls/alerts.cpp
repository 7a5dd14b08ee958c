// The alerts of RFC 8446 section 6 and its predecessors: what each says, and what to do about it.
#include "tls/alerts.hpp"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

namespace tunnel::tls {

namespace {

constexpr std::string_view faulty =
    "one of the two ends is faulty, or a device on the way changes what they say";
constexpr std::string_view its_log = "its log may say why";

struct Alert {
  unsigned description;
  std::string_view text;
  std::string_view next_for_client;  // where this end is the client
  std::string_view next_for_server;
};

constexpr Alert alerts[] = {
    {0, "it closed", its_log, ""},
    {10, "unexpected message", faulty, faulty},
    {20, "bad record", faulty, faulty},
    {22, "record too long", faulty, faulty},
    {40, "handshake failure", suites_to_turn_on, suites_to_turn_on},
    {42, "bad certificate", "it does not accept the certificate that cert names",
     "it does not accept this end's certificate: is it for the name that is connected to?"},
    {43, "unsupported certificate", "give cert and key of another kind: P-256, or RSA of 2048 bits",
     "give this end a certificate of another kind: P-256, or RSA of 2048 bits"},
    {44, "certificate revoked", "cert and key must be renewed", "cert and key must be renewed"},
    {45, "certificate expired", "cert must be renewed, or the clock there set",
     "cert must be renewed, or the clock there set"},
    {46, "certificate not accepted", "it does not accept the certificate that cert names",
     "it does not accept this end's certificate: is it for the name that is connected to, and its "
     "issuer trusted there?"},
    {47, "illegal parameter", faulty, faulty},
    {48, "unknown authority", "it does not trust our certificate's issuer",
     "name this certificate's issuer as trusted there"},
    {49, "access denied", "it knows this end, and does not let it in", ""},
    {50, "message that cannot be decoded", faulty, faulty},
    {51, "wrong signature or key", faulty, faulty},
    {70, "protocol version not supported", "", ""},
    {71, "security too low", "it wants longer keys or stronger suites than this end offers",
     "it wants longer keys or stronger suites than this end has: is the key of cert long enough?"},
    {80, "internal error there", its_log, its_log},
    {86, "inappropriate fallback", faulty, faulty},
    {90, "cancelled by its user", "", ""},
    {100, "no renegotiation", "", ""},
    {109, "missing extension", faulty, faulty},
    {110, "unsupported extension", faulty, faulty},
    {112, "unrecognized name", "it does not serve that name: set server_name", ""},
    {113, "bad certificate status", "", ""},
    {115, "unknown pre-shared key", "", ""},
    {116, "certificate required", "it wants a client certificate: set cert and key", ""},
    {120, "no application protocol in common", "", ""},
};

constexpr unsigned handshake_failure = 40;
constexpr unsigned bad_certificate = 42;
constexpr unsigned protocol_version = 70;

const Alert* find(unsigned description) {
  for (const Alert& alert : alerts)
    if (alert.description == description) return &alert;
  return nullptr;
}

std::string_view next_for(const Failure& f, const Alert& alert) {
  // before TLS 1.3 there was no alert for a missing certificate
  if (f.client && f.certificate_requested && !f.has_certificate &&
      (alert.description == handshake_failure || alert.description == bad_certificate))
    return "it wants a client certificate: set cert and key";
  if (alert.description != protocol_version)
    return f.client ? alert.next_for_client : alert.next_for_server;
  if (f.versions == Versions::only13)
    return "it may not speak TLS 1.3: remove min_version, or renew it";
  if (f.versions == Versions::only12) return "it may not speak TLS 1.2: remove max_version";
  return "it may speak TLS 1.1 or older only, and must be renewed";
}

}  // namespace

std::string alert_text(unsigned description) {
  const Alert* alert = find(description);
  return alert != nullptr ? std::string(alert->text) : fmt::format("alert {}", description);
}

std::string_view renegotiation_hint(const Failure& f) {
  if (f.client)
    return "turn renegotiation off there; a server that asks for a client certificate so must ask "
           "for it in the first handshake, or speak TLS 1.3";
  return "turn renegotiation off there, or let it speak TLS 1.3";
}

Error explain_alert(const Failure& f) {
  const auto description = static_cast<unsigned>(f.alert);
  Error out{fmt::format("{} refused the {}: {}", f.peer,
                        f.in_handshake ? "handshake" : "connection", alert_text(description)),
            ""};
  if (f.asked_to_renegotiate) {
    out.what += ", after it had asked for a renegotiation, which this end refuses";
    out.hint = renegotiation_hint(f);
    return out;
  }
  const Alert* alert = find(description);
  if (alert == nullptr) return out;
  const std::string_view next = next_for(f, *alert);
  // once data has gone both ways there is no next step but to try again
  if (f.in_handshake || (next != faulty && next != suites_to_turn_on)) out.hint = next;
  // some servers look at the suites before the version
  if (f.in_handshake && next == suites_to_turn_on && f.versions != Versions::both)
    out.hint = fmt::format("{}; or it does not speak TLS {}: remove {}", next,
                           f.versions == Versions::only13 ? "1.3" : "1.2",
                           f.versions == Versions::only13 ? "min_version" : "max_version");
  return out;
}

}  // namespace tunnel::tls
