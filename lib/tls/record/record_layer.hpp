// TLS records after the handshake: data, alerts and KeyUpdate over the keys that it left (RFC 8446
// section 5, RFC 5246 section 6.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "tls/record/fragments.hpp"
#include "tls/record/protection.hpp"
#include "tls/record/record_settings.hpp"

namespace tunnel::tls {

// Everything that the handshake leaves behind for records.
struct RecordKeys {
  Suite suite;
  bool client = false;  // our role
  // TLS 1.3: the application traffic secrets.
  Secret client_secret, server_secret;
  // TLS 1.2: the master secret and the randoms.
  Secret master_secret;
  std::array<std::byte, 32> client_random{}, server_random{};
  // Records that have been protected with these keys before.
  std::uint64_t read = 0, written = 0;
};

// Not for two threads at once.
class RecordLayer {
 public:
  enum class Status {
    ok,
    closed,  // the peer has said close_notify
    failed,  // failure() says why, and an alert is in the output
  };

  struct Failure {
    int received = -1;          // the fatal alert that the peer sent
    std::optional<Alert> sent;  // the one that this end answers with
    const char* reason = "";    // in words, of what the peer did
  };

  // `output` takes what is to be sent beside sealed data, and outlives this object. Nothing where
  // PSA or the AEAD library refuses.
  static std::optional<RecordLayer> make(const RecordKeys& keys, const RecordSettings& settings,
                                         Bytes& output);

  // While another still reads and writes with these keys: whether a whole record, before which it
  // has read so many and which is left as it is, holds NewSessionTickets and nothing but whole
  // ones.
  bool holds_tickets(std::span<const std::byte> record, std::uint64_t read);
  // How many it has read and written, and whether it has said close_notify, when it hands over.
  void go_on_at(std::uint64_t read, std::uint64_t written, bool said_close);

  RecordLayout record_layout() const { return frame_of(suite_); }

  // `plain` bytes lie in `block` in frames: each but the last is full, with max_plaintext bytes.
  // Seals them where they lie; `wire` is the part of the block to be sent, after the output that
  // there is by then.
  Status seal(std::span<std::byte> block, std::size_t plain, std::span<const std::byte>& wire);

  // Opens the whole records at the start of `wire` where they lie, and adds their data to `plain`.
  // `used` bytes are done with; the rest is the beginning of a record, or, after a number of
  // KeyUpdates, for another call. What came before a failure or the end is delivered.
  Status open(std::span<std::byte> wire, Fragments& plain, std::size_t& used);

  // Says close_notify, once. Reading goes on (RFC 8446 section 6.1).
  Status close();

  const Failure& failure() const { return failure_; }
  // Of TLS 1.2; it was refused.
  bool asked_to_renegotiate() const { return renegotiations_ > 0; }

 private:
  struct Direction {
    Secret secret;  // TLS 1.3
    Protection protection;
  };
  // A handshake message that comes in pieces; its body is not kept.
  struct Message {
    std::array<std::uint8_t, 4> header{};
    std::size_t header_size = 0;
    std::size_t left = 0;
    std::uint8_t first = 0;  // of the body
    bool under_way() const { return header_size > 0; }
  };

  RecordLayer(const RecordKeys& keys, const RecordSettings& settings, const AeadBackend& backend,
              Direction in, Direction out, Bytes& output);

  Status fail(Alert alert, const char* reason);
  Status take(const Protection::Opened& record, Fragments& plain);
  Status take_alert(std::span<const std::byte> body);
  Status take_handshake(std::span<const std::byte> body);
  Status finish_message(bool last_in_record);
  Status take_key_update(bool last_in_record);
  bool append(ContentType type, std::span<const std::byte> body);
  bool renew(Direction& direction);
  bool say_key_update();

  Suite suite_;
  bool client_;
  std::uint64_t rekey_after_;
  const AeadBackend* backend_;
  Direction in_;
  Direction out_;
  Bytes* output_;
  Message message_;
  unsigned renegotiations_ = 0;
  unsigned key_updates_at_once_ = 0;
  unsigned key_updates_ = 0;  // from the peer since its last data
  unsigned warnings_ = 0;     // of TLS 1.2, likewise
  bool update_owed_ = false;  // the peer has asked for a KeyUpdate
  bool said_close_ = false;
  bool closed_ = false;
  bool failed_ = false;
  Failure failure_;
};

}  // namespace tunnel::tls
