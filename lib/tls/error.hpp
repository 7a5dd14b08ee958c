// Failures of TLS in plain words: mbedTLS's codes and alerts. Those of certificates are in
// certificate_words.hpp.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tunnel::tls {

// What a library code means, with its number: for messages where nothing better is known.
std::string code_text(int code);

// The description of an alert in words (RFC 8446 section 6), e.g. "unknown authority".
std::string alert_text(unsigned description);

// What is known when a handshake or a connection has failed.
struct Failure {
  int code = 0;             // mbedTLS's
  bool client = false;      // our role
  std::string peer;         // the other end, as the user knows it
  std::string first_bytes;  // the beginning of what the peer sent, raw
  int alert = -1;           // the alert that it sent, if any
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
