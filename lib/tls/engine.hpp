// One TLS connection without sockets: bytes of the wire in, plaintext out, and the other way.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/error.hpp"
#include "tls/context.hpp"
#include "tls/failure_cause.hpp"
#include "tls/record/fragments.hpp"
#include "tls/record/record_layout.hpp"
#include "x509/certificate_summary.hpp"

namespace tunnel::x509 {
struct PeerCertificate;
}

namespace tunnel::tls {

// The calls come from one thread. What the engine wants on the wire gathers in output(), after any
// call, reading too (alerts); the owner sends it and may swap or clear the vector.
class Engine {
 public:
  enum class Status {
    ok,         // done
    starved,    // handshake(): the input is used up: feed() more
    closed,     // open(): the peer sent close_notify; all its bytes have been delivered
    truncated,  // the input ended (feed_end) without close_notify
    failed,     // failure() says why; an alert may be in output()
  };

  // `peer` is the other end as the user knows it, for messages. `name` is for clients only.
  Engine(std::shared_ptr<const Context> context, std::string peer, x509::ServerName name = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // --- the handshake

  // Bytes from the wire. They are not copied: the span must live until a call has returned
  // `starved`, or until keep_input(). Only when starved.
  void feed(std::span<const std::byte> wire);
  // Copies what has been fed and not used yet, so that the span may go.
  void keep_input();
  // The wire has ended: nothing more will come, now or later.
  void feed_end(bool by_reset = false);

  // Before the handshake, for who wants to know peer_certificates() of it.
  void keep_certificates();

  // To be called, after feeding, until it returns something other than starved. Only then is the
  // peer verified, and only then may the calls below be made.
  Status handshake();

  // After a failed handshake: whether the peer, which does not speak TLS, has yet to say what it
  // speaks. What hear() is given makes failure() say more.
  bool hears_more() const;
  void hear(std::span<const std::byte> wire);
  // Why the handshake, which is not over, has failed when it was given up after `limit`.
  Error overdue(std::chrono::milliseconds limit) const;

  // --- data

  // Whether whole records may be in what rest() gives, without anything more from the wire.
  bool ready() const;
  // Whether the beginning of a record has come, and the rest of it has not.
  bool mid_record() const;
  // Puts what came earlier and is not opened yet at the start of the block: that many bytes.
  // What the wire brings next goes behind it.
  std::size_t rest(std::span<std::byte> block);
  // Opens the records in `wire` where they lie and adds their data to `plain`: it lies there, or
  // in the engine, until the next call. The beginning of a record at the end is kept. What comes
  // before an end or a failure is delivered. Ok means: goes on.
  Status open(std::span<std::byte> wire, Fragments& plain);

  // The room around the plaintext of each record, the same for the whole connection.
  RecordLayout record_layout() const;
  // `plain` bytes lie in `block` in frames; each but the last is full, with max_plaintext bytes.
  // Seals them: what goes on the wire is the output() that there is then, and `wire`, in the block.
  // Ok or failed.
  Status seal(std::span<std::byte> block, std::size_t plain, std::span<const std::byte>& wire);
  // Says close_notify; reading goes on (RFC 8446 section 6.1).
  Status close();

  Bytes& output();
  const Error& failure() const;
  // After a failed handshake; also of one that is not over, where it is given up.
  FailureCause cause() const;

  // After the handshake.
  std::string version() const;     // "TLS 1.3"
  std::string suite() const;       // the IANA name, "TLS_AES_256_GCM_SHA384"
  std::string_view group() const;  // "X25519", "P-256", "P-384"; empty where it is not known
  bool resumed() const;            // an earlier session went on
  // What the user has to know of how the peer was accepted, once; mostly empty.
  std::string take_notice();

  // The peer's leaf, once, after a handshake or one that has failed; null where it showed none.
  std::unique_ptr<x509::PeerCertificate> take_certificate();

  // After the handshake, be it refused: what was kept, and empty where the peer showed nothing.
  const x509::PeerCertificates& peer_certificates() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "AES-256-GCM" for any suite that protects records with it.
std::string cipher_of(std::string_view suite);

}  // namespace tunnel::tls
