// Failures of TLS other than a certificate's: what happened, and the next step, word for word.
#include <doctest/doctest.h>
#include <mbedtls/ssl.h>

#include "tls/alerts.hpp"
#include "tls/ssl_compat.hpp"
#include "tls/tls_error.hpp"
#include "x509/pk_compat.hpp"

namespace tunnel::tls {
namespace {

Failure failure_of(bool client) {
  Failure out;
  out.client = client;
  out.peer = "relay:443";
  out.first_bytes = std::string("\x15\x03\x03", 3);
  return out;
}

TEST_CASE("every alert is in words, with the next step where there is one") {
  struct Row {
    int alert;
    std::string text;
    std::string as_client;
    std::string as_server;
  };
  const std::string faulty =
      "; one of the two ends is faulty, or a device on the way changes what they say";
  const std::string its_log = "; its log may say why";
  const std::string in_common =
      "; turn on AEAD suites (AES-GCM, ChaCha20-Poly1305) with ECDHE over X25519, P-256 or P-384 "
      "there; this end speaks no others";
  const std::string old = "; it may speak TLS 1.1 or older only, and must be renewed";
  for (const Row& row : {
           Row{0, "it closed", its_log, ""},
           Row{10, "unexpected message", faulty, faulty},
           Row{20, "bad record", faulty, faulty},
           Row{22, "record too long", faulty, faulty},
           Row{40, "handshake failure", in_common, in_common},
           Row{42, "bad certificate", "; it does not accept the certificate that cert names",
               "; it does not accept this end's certificate: is it for the name that is connected "
               "to?"},
           Row{43, "unsupported certificate",
               "; give cert and key of another kind: P-256, or RSA of 2048 bits",
               "; give this end a certificate of another kind: P-256, or RSA of 2048 bits"},
           Row{44, "certificate revoked", "; cert and key must be renewed",
               "; cert and key must be renewed"},
           Row{45, "certificate expired", "; cert must be renewed, or the clock there set",
               "; cert must be renewed, or the clock there set"},
           Row{46, "certificate not accepted",
               "; it does not accept the certificate that cert names",
               "; it does not accept this end's certificate: is it for the name that is connected "
               "to, and its issuer trusted there?"},
           Row{47, "illegal parameter", faulty, faulty},
           Row{48, "unknown authority", "; it does not trust our certificate's issuer",
               "; name this certificate's issuer as trusted there"},
           Row{49, "access denied", "; it knows this end, and does not let it in", ""},
           Row{50, "message that cannot be decoded", faulty, faulty},
           Row{51, "wrong signature or key", faulty, faulty},
           Row{70, "protocol version not supported", old, old},
           Row{71, "security too low",
               "; it wants longer keys or stronger suites than this end offers",
               "; it wants longer keys or stronger suites than this end has: is the key of cert "
               "long enough?"},
           Row{80, "internal error there", its_log, its_log},
           Row{86, "inappropriate fallback", faulty, faulty},
           Row{90, "cancelled by its user", "", ""},
           Row{100, "no renegotiation", "", ""},
           Row{109, "missing extension", faulty, faulty},
           Row{110, "unsupported extension", faulty, faulty},
           Row{112, "unrecognized name", "; it does not serve that name: set server_name", ""},
           Row{113, "bad certificate status", "", ""},
           Row{115, "unknown pre-shared key", "", ""},
           Row{116, "certificate required", "; it wants a client certificate: set cert and key",
               ""},
           Row{120, "no application protocol in common", "", ""},
           Row{77, "alert 77", "", ""},
       })
    for (const bool client : {true, false}) {
      Failure failure = failure_of(client);
      failure.code = MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE;
      failure.alert = row.alert;
      const std::string next = client ? row.as_client : row.as_server;
      CHECK_EQ(explain(failure).message(), "relay:443 refused the handshake: " + row.text + next);
      failure.in_handshake = false;
      CHECK_EQ(explain_record(failure).message(),
               "relay:443 refused the connection: " + row.text +
                   (next == faulty || next == in_common ? "" : next));
    }
}

TEST_CASE("before TLS 1.3 a missing certificate is a handshake failure") {
  for (const int alert : {40, 42}) {
    Failure failure = failure_of(true);
    failure.alert = alert;
    failure.certificate_requested = true;
    CHECK_EQ(explain_alert(failure).hint, "it wants a client certificate: set cert and key");
    // it has seen one, and minds something else
    failure.has_certificate = true;
    CHECK_NE(explain_alert(failure).hint, "it wants a client certificate: set cert and key");
  }
}

TEST_CASE("a version that is refused is told by what this end speaks") {
  Failure failure = failure_of(true);
  failure.alert = 70;
  failure.versions = Versions::only13;
  CHECK_EQ(explain_alert(failure).hint,
           "it may not speak TLS 1.3: remove min_version, or renew it");
  failure.versions = Versions::only12;
  CHECK_EQ(explain_alert(failure).hint, "it may not speak TLS 1.2: remove max_version");
}

TEST_CASE("versions that do not meet are both named") {
  struct Row {
    char hello;
    Versions ours;
    std::string words;
  };
  for (const Row& row :
       {Row{0, Versions::both,
            "relay:443 speaks SSL 3.0 at most, and this end TLS 1.2 and 1.3; the other end must be "
            "renewed"},
        Row{1, Versions::both,
            "relay:443 speaks TLS 1.0 at most, and this end TLS 1.2 and 1.3; the other end must be "
            "renewed"},
        Row{2, Versions::only12,
            "relay:443 speaks TLS 1.1 at most, and this end TLS 1.2 only; the other end must be "
            "renewed"},
        Row{3, Versions::only13,
            "relay:443 speaks TLS 1.2, and this end TLS 1.3 only; remove min_version, or renew the "
            "other end"},
        Row{3, Versions::only12,
            "relay:443 speaks another version of TLS, and this end TLS 1.2 only; remove "
            "max_version"},
        Row{3, Versions::both,
            "relay:443 and this end have no TLS version in common: this end speaks TLS 1.2 and "
            "1.3; the other end must be renewed"},
        Row{9, Versions::both,
            "relay:443 and this end have no TLS version in common: this end speaks TLS 1.2 and "
            "1.3; the other end must be renewed"}})
    for (const char type : {'\x01', '\x02'}) {
      Failure failure = failure_of(type == 2);
      failure.code = MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION;
      failure.versions = row.ours;
      failure.first_bytes = std::string("\x16\x03\x01\x00\x40", 5) + type +
                            std::string("\x00\x00\x3c\x03", 4) + row.hello;
      CHECK_EQ(explain(failure).message(), row.words);
    }
}

TEST_CASE("a message beyond this end's limit is no fault of the peer") {
  for (const int code : {MBEDTLS_ERR_SSL_INVALID_RECORD, bad_input, x509::out_of_memory}) {
    Failure failure = failure_of(true);
    failure.code = code;
    failure.message_size = 18000;
    CHECK_EQ(explain(failure).message(),
             "relay:443 sent a handshake message of 18000 bytes, which is larger than this end "
             "takes: at most 16384; the limit is tunnel's own; give that end a certificate with "
             "fewer names, or a shorter chain");
  }
}

TEST_CASE("a renegotiation that was refused is named, however the peer then ends") {
  Failure failure = failure_of(true);
  failure.in_handshake = false;
  failure.asked_to_renegotiate = true;
  const std::string next =
      "; turn renegotiation off there; a server that asks for a client certificate so must ask for "
      "it in the first handshake, or speak TLS 1.3";
  const std::string refused = ", after it had asked for a renegotiation, which this end refuses";
  for (const int alert : {40, 10, 100, 77}) {
    failure.alert = alert;
    CHECK_EQ(explain_record(failure).message(),
             "relay:443 refused the connection: " + alert_text(static_cast<unsigned>(alert)) +
                 refused + next);
  }
  CHECK_EQ(explain_truncation(failure).message(),
           "relay:443 ended the connection without close_notify" + refused + next);
  failure.alert = -1;
  failure.reason = "asked for a renegotiation again and again";
  CHECK_EQ(explain_record(failure).message(),
           "relay:443 asked for a renegotiation again and again" + next);
  failure.client = false;
  CHECK_EQ(explain_record(failure).hint, "turn renegotiation off there, or let it speak TLS 1.3");
}

TEST_CASE("what has no better words has the library's") {
  Failure failure = failure_of(true);
  failure.code = MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE;
  CHECK_EQ(explain(failure).message(),
           "relay:443 and this end have no suite, group or signature in common; turn on AEAD "
           "suites (AES-GCM, ChaCha20-Poly1305) with ECDHE over X25519, P-256 or P-384 there; this "
           "end speaks no others");
  failure.client = false;
  CHECK(explain(failure).hint.ends_with(
      "this end speaks no others; or give this end a certificate of another kind (P-256, or RSA "
      "of 2048 bits)"));
  failure.client = true;
  failure.code = MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER;
  CHECK_EQ(explain(failure).message(),
           "relay:443 said what TLS does not allow: a field in a message was incorrect or "
           "inconsistent with other fields; one of the two ends is faulty, or a device on "
           "the way changes what they say");
  failure.code = out_of_memory;
  CHECK_EQ(explain(failure).message(), "TLS with relay:443 failed: memory allocation failed");

  failure.code = MBEDTLS_ERR_SSL_INVALID_MAC;
  CHECK_EQ(explain(failure).message(), "a record from relay:443 was forged or damaged on the way");
}

}  // namespace
}  // namespace tunnel::tls
