// Failures of TLS in plain words: mbedTLS's codes, alerts, and what a certificate check found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace tunnel::tls {

// What a library code means, with its number: for messages where nothing better is known.
std::string code_text(int code);

// The description of an alert in words (RFC 8446 section 6), e.g. "unknown authority".
std::string alert_text(unsigned description);

// What is known when a handshake or a connection has failed.
struct Failure {
  int code = 0;                    // mbedTLS's
  bool client = false;             // our role
  std::string peer;                // the other end, as the user knows it
  std::string expected_name;       // client: the name that was asked for
  std::string first_bytes;         // the beginning of what the peer sent, raw
  int alert = -1;                  // the alert that it sent, if any
  std::uint32_t verify_flags = 0;  // MBEDTLS_X509_BADCERT_...
  std::vector<std::string> names;  // of the leaf; escaped
  std::string issuer;              // of the last certificate that was presented; escaped
  std::string not_before;  // validity of the certificate that failed, "2026-01-31 12:00:00 UTC"
  std::string not_after;
  bool self_signed = false;
  bool in_handshake = true;
  const char* reason = "";  // what the peer did after the handshake that no rule allows
};

// The cause and the next step.
Error explain(const Failure& failure);

// The same for a peer that ended the connection during the handshake.
Error explain_early_end(const Failure& failure);

// The same for a record after the handshake: an alert that the peer sent, or a reason.
Error explain_record(const Failure& failure);

// For a wire that ended without close_notify.
Error explain_truncation(const std::string& peer);

}  // namespace tunnel::tls
