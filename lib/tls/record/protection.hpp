// One direction's record protection: one key, one counter, records sealed and opened where they
// lie.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "tls/record/aead/aead.hpp"
#include "tls/record/key_schedule.hpp"
#include "tls/record/record_layout.hpp"

namespace tunnel::tls {

// Record types (RFC 8446 section 5.1).
enum class ContentType : std::uint8_t {
  change_cipher_spec = 20,
  alert = 21,
  handshake = 22,
  application_data = 23,
};

// Alerts that this end says (RFC 8446 section 6, RFC 5246 section 7.2).
enum class Alert : std::uint8_t {
  close_notify = 0,
  unexpected_message = 10,
  bad_record_mac = 20,
  record_overflow = 22,
  illegal_parameter = 47,
  decode_error = 50,
  protocol_version = 70,
  internal_error = 80,
  user_canceled = 90,
  no_renegotiation = 100,
};

RecordLayout frame_of(const Suite& suite);

class Protection {
 public:
  // Nothing where the AEAD library refuses the key.
  static std::optional<Protection> make(const Suite& suite, const TrafficKeys& keys,
                                        const AeadBackend& backend, std::uint64_t sequence = 0);

  // Seals `plain` bytes that lie at `record` + frame.head; all of frame.size(plain) is written.
  // False where the counter is at its end (RFC 8446 section 5.3) or the library refuses.
  bool seal(ContentType type, std::byte* record, std::size_t plain);

  struct Opened {
    ContentType type{};
    std::span<std::byte> plain;  // inside the record; may be empty
  };
  // The alert that a header deserves, known before the rest has come; nothing where it is good.
  static std::optional<Alert> refuses_header(const Suite& suite,
                                             std::span<const std::byte, record_header_size> header);
  // Opens a whole record, whose header has been accepted.
  std::optional<Alert> open(std::span<std::byte> record, Opened& out);

  std::uint64_t sequence() const { return sequence_; }
  void go_on_at(std::uint64_t sequence) { sequence_ = sequence; }

 private:
  Protection(const Suite& suite, const TrafficKeys& keys, std::unique_ptr<AeadKey> key,
             std::uint64_t sequence);
  std::array<std::byte, nonce_size> nonce() const;
  bool has_explicit_nonce() const;

  Suite suite_;
  std::unique_ptr<AeadKey> key_;
  std::array<std::byte, nonce_size> iv_;
  std::uint64_t sequence_;
};

}  // namespace tunnel::tls
