// One TLS session as mbedTLS runs it: its handshake, and its records for as long as it keeps them.
#pragma once

#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "tls/client_hello.hpp"
#include "tls/client_refusal.hpp"
#include "tls/context.hpp"
#include "tls/engine.hpp"
#include "tls/failure_cause.hpp"
#include "tls/mbedtls_private.hpp"
#include "tls/protocol_mismatch.hpp"
#include "tls/record/record_counter.hpp"
#include "tls/record/record_layer.hpp"
#include "tls/session_cache.hpp"
#include "tls/tls_error.hpp"
#include "tls/verification.hpp"
#include "x509/certificate_summary.hpp"

namespace tunnel::tls {

class MbedtlsSession {
 public:
  using Status = Engine::Status;

  // `output` takes what goes on the wire, and outlives the session; so does `context`.
  MbedtlsSession(const Context& context, std::string peer, x509::ServerName name, Bytes& output);
  ~MbedtlsSession();
  MbedtlsSession(const MbedtlsSession&) = delete;
  MbedtlsSession& operator=(const MbedtlsSession&) = delete;

  // The wire, as in Engine.
  void feed(std::span<const std::byte> wire);
  void feed_end(bool by_reset);
  void keep_input();
  // What has been fed and not asked for; it is the caller's from then on.
  Bytes take_input();
  // Whether the beginning of a record has come, and the rest of it has not.
  bool mid_record() const { return has_partial_record(ssl_) || has_input(); }
  bool has_input() const { return kept_used_ < kept_.size() || !input_.empty(); }

  // Before the handshake: keeps what the peer shows, which costs time and memory.
  void keep_certificates() { verification_.keep(); }
  Status handshake();
  bool hears_more() const { return says_more(facts_); }
  void hear(std::span<const std::byte> wire);
  Error overdue(std::chrono::milliseconds limit) const;
  // On ok `n` bytes, or none where a ticket came.
  Status read(std::span<std::byte> out, std::size_t& n);
  Status write(std::span<const std::byte> plain);
  Status close();
  const Error& failure() const { return failure_; }
  FailureCause cause() const { return cause_of(facts_); }

  // After the handshake.
  unsigned suite() const;  // IANA's number
  Version version() const;
  std::string_view group() const { return server_.group(); }
  // Whether an earlier session was resumed.
  bool resumed() const { return server_.resumed(); }
  bool ticket_came() const { return ticket_came_; }
  // Who the peer is, as far as it has shown a certificate.
  const x509::PeerIdentity& peer() const { return verification_.identity(); }

  // What has been kept, also where the handshake has failed. Where nothing is verified, what there
  // is to see.
  x509::PeerCertificates certificates() const;
  // The leaf, where nothing is verified; null where the peer has shown none.
  const mbedtls_x509_crt* unverified_leaf() const {
    return context_.verifies() ? nullptr : mbedtls_ssl_get_peer_cert(&ssl_);
  }

  // What is needed to go on without mbedTLS; nothing while it holds a message or a record in
  // part, or where the suite is unknown.
  std::optional<RecordKeys> hand_over() const;
  // Whether a TLS 1.3 server may yet send the ticket for the next connection.
  bool awaits_ticket() const;
  // Data came before any ticket: it sends none.
  void give_up_ticket();

 private:
  void note_first_bytes(std::span<const std::byte> wire);
  Status set_up();
  Status fail(int code);
  Status refuse(int code, Error why) {
    facts_.code = code;
    failure_ = std::move(why);
    return Status::failed;
  }
  Status end_of_input();
  // Turns what any call returned other than success into a status, or nothing for "call again".
  std::optional<Status> judge(int code);
  void keep_session();

  static int send(void* self, const unsigned char* data, std::size_t n);
  static int receive(void* self, unsigned char* data, std::size_t n);
  static int look_at(void* self, mbedtls_x509_crt* certificate, int depth, std::uint32_t* flags);
  static void keep_secrets(void* self, mbedtls_ssl_key_export_type type,
                           const unsigned char* secret, std::size_t size,
                           const unsigned char client_random[32],
                           const unsigned char server_random[32], mbedtls_tls_prf_types prf);
  // Of this connection, or of the session that it goes on with.
  const Trust& trust() const {
    return verification_.seen() ? verification_.trust() : earlier_trust_;
  }
  std::string target() const { return facts_.peer + " " + name_.text; }

  const Context& context_;
  const x509::ServerName name_;
  mbedtls_ssl_context ssl_;
  bool ready_ = false;        // the mbedTLS session is set up
  bool over_ = false;         // the handshake is
  std::size_t fed_ = 0;       // bytes of it
  bool starved_ = false;      // the last receive found nothing
  bool ended_ = false;        // feed_end was called
  bool ticket_came_ = false;  // and its session is kept
  Verification verification_;
  Trust earlier_trust_ = new_trust();  // of the session that was offered to the peer
  Bytes kept_;                         // input that is owned here, used before `input_`
  std::size_t kept_used_ = 0;
  std::span<const std::byte> input_;
  Bytes& output_;
  std::size_t said_before_ = 0;  // in the output, when the peer was last listened to
  std::string last_bytes_;       // of what has been fed during the handshake
  ServerReader server_;          // reads along in what the server says
  RecordKeys keys_;
  RecordCounter read_, written_;  // under the keys of the application data
  Failure facts_;
  Error failure_;
};

}  // namespace tunnel::tls
