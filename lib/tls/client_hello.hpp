// What a server says in the clear part of its handshake and no library call tells: the key-exchange
// group, whether it resumes a session, and in TLS 1.2 whether it asks for a certificate.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tunnel::tls {

// Looks at what a server sends, in order, in pieces of any size. Understands ServerHello (RFC 8446
// section 4.1.3), ServerKeyExchange (RFC 8422 section 5.4) and CertificateRequest; whatever else
// comes, malformed or not, is passed over: nothing depends on the answer but a line in the log.
class ServerReader {
 public:
  void look(std::span<const std::byte> wire);
  // "X25519", "P-256", "P-384", or empty where it is not known.
  std::string_view group() const;
  // After the handshake: whether the server went on with a session that the client offered. With
  // ECDHE alone, a server of TLS 1.2 that does not resume sends a ServerKeyExchange.
  bool resumed() const { return hello_.pre_shared_key || (hello_.tls12 && !exchanged_keys_); }
  bool asked_for_certificate() const { return asked_for_certificate_; }

 private:
  // Facts from a ServerHello's extensions.
  struct Hello {
    std::uint16_t group = 0;
    bool tls12 = false;
    bool pre_shared_key = false;
  };
  static Hello read_hello(std::span<const std::uint8_t> body);

  void look_inside(std::uint8_t byte);
  void finish_message();

  std::array<std::uint8_t, 5> record_header_{};
  std::size_t record_header_size_ = 0;
  std::size_t record_left_ = 0;
  std::array<std::uint8_t, 4> message_header_{};
  std::size_t message_header_size_ = 0;
  std::size_t message_left_ = 0;
  std::vector<std::uint8_t> body_;  // of a message of interest, its beginning
  Hello hello_;
  bool exchanged_keys_ = false;
  bool asked_for_certificate_ = false;
  bool done_ = false;
};

}  // namespace tunnel::tls
