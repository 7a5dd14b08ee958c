// Failures of TLS in plain words. For certificates see certificate_errors.hpp, for alerts
// alerts.hpp, for peers that don't speak TLS protocol_mismatch.hpp.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/wording.hpp"

namespace tunnel::tls {

// The versions that this end speaks.
enum class Versions { both, only12, only13 };

// What the other end must turn on where the two have no suite or group in common.
inline constexpr std::string_view suites_to_turn_on =
    "turn on AEAD suites (AES-GCM, ChaCha20-Poly1305) with ECDHE over X25519, P-256 or P-384 "
    "there; "
    "this end speaks no others";

// mbedTLS reassembles a message in the buffer of a record.
inline constexpr std::size_t longest_handshake_message = 16384;

// What is known when a handshake or a connection has failed.
struct Failure {
  int code = 0;             // mbedTLS's
  bool client = false;      // our role
  std::string peer;         // the other end, as the user knows it
  std::string first_bytes;  // the beginning of what the peer sent, raw
  int alert = -1;           // the alert that it sent, if any
  Versions versions = Versions::both;
  bool certificate_requested = false;  // by the peer, as far as it can be seen
  bool has_certificate = false;        // this end
  bool by_reset = false;               // how the peer ended the connection
  bool in_handshake = true;
  const Wording* wording = nullptr;   // of the advice for a protocol mismatch; outlives this
  std::size_t message_size = 0;       // of a handshake message that is too long for this end
  bool asked_to_renegotiate = false;  // the peer, after the handshake, and was refused
  const char* reason = "";            // what the peer did after the handshake that no rule allows
};

// The cause and the next step.
Error explain(const Failure& failure);

// The same for a record after the handshake: an alert that the peer sent, or a reason.
Error explain_record(const Failure& failure);

// For a wire that ended without close_notify.
Error explain_truncation(const Failure& failure);

}  // namespace tunnel::tls
