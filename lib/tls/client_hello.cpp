// Reading along in a server's handshake.
#include "tls/client_hello.hpp"

namespace tunnel::tls {

namespace {

constexpr std::uint8_t change_cipher_spec_record = 20;
constexpr std::uint8_t handshake_record = 22;
constexpr std::uint8_t application_record = 23;
constexpr std::uint8_t server_hello = 2;
constexpr std::uint8_t server_key_exchange = 12;
constexpr std::uint8_t certificate_request = 13;
constexpr std::uint8_t server_hello_done = 14;
constexpr std::uint16_t pre_shared_key = 41;
constexpr std::uint16_t supported_versions = 43;
constexpr std::uint16_t key_share = 51;
constexpr std::size_t longest_of_interest = 1024;

// Reads big-endian numbers; past the end it gives zeros and says so.
struct Reader {
  std::span<const std::uint8_t> rest;
  bool good = true;

  std::uint16_t number(std::size_t size) {
    unsigned value = 0;
    for (const std::uint8_t byte : take(size)) value = value << 8 | byte;
    return static_cast<std::uint16_t>(value);
  }
  std::span<const std::uint8_t> take(std::size_t size) {
    if (size > rest.size()) {
      good = false;
      rest = {};
      return {};
    }
    const auto out = rest.first(size);
    rest = rest.subspan(size);
    return out;
  }
};

}  // namespace

// A ServerHello of TLS 1.2 has none of these extensions.
ServerReader::Hello ServerReader::read_hello(std::span<const std::uint8_t> body) {
  Hello out;
  out.tls12 = true;
  Reader reader{body};
  reader.take(2 + 32);            // version, random
  reader.take(reader.number(1));  // session id
  reader.take(2 + 1);             // suite, compression
  Reader extensions{reader.take(reader.number(2))};
  while (extensions.good && !extensions.rest.empty()) {
    const std::uint16_t type = extensions.number(2);
    Reader content{extensions.take(extensions.number(2))};
    if (!extensions.good) break;
    if (type == key_share) out.group = content.number(2);
    if (type == supported_versions) out.tls12 = false;
    if (type == pre_shared_key) out.pre_shared_key = true;
  }
  return out;
}

void ServerReader::look(std::span<const std::byte> wire) {
  for (const std::byte raw : wire) {
    if (done_) return;
    const auto byte = static_cast<std::uint8_t>(raw);
    if (record_left_ == 0) {
      record_header_[record_header_size_++] = byte;
      if (record_header_size_ < record_header_.size()) continue;
      record_header_size_ = 0;
      record_left_ = static_cast<std::size_t>(record_header_[3]) << 8 | record_header_[4];
      // TLS 1.3 has this record for middleboxes only; TLS 1.2 encrypts from here on
      const bool encrypted = record_header_[0] == change_cipher_spec_record && hello_.tls12;
      done_ = record_header_[0] == application_record || encrypted;
    } else {
      --record_left_;
      if (record_header_[0] == handshake_record) look_inside(byte);
    }
  }
}

void ServerReader::look_inside(std::uint8_t byte) {
  if (message_header_size_ < message_header_.size()) {
    message_header_[message_header_size_++] = byte;
    if (message_header_size_ < message_header_.size()) return;
    message_left_ = static_cast<std::size_t>(message_header_[1]) << 16 |
                    static_cast<std::size_t>(message_header_[2]) << 8 | message_header_[3];
    body_.clear();
  } else {
    --message_left_;
    const bool of_interest =
        message_header_[0] == server_hello || message_header_[0] == server_key_exchange;
    if (of_interest && body_.size() < longest_of_interest) body_.push_back(byte);
  }
  if (message_left_ == 0) finish_message();
}

void ServerReader::finish_message() {
  message_header_size_ = 0;
  if (message_header_[0] == server_hello) {
    hello_ = read_hello(body_);
  } else if (message_header_[0] == server_key_exchange) {
    exchanged_keys_ = true;
    // curve_type named_curve, then its number
    constexpr std::uint8_t named_curve = 3;
    if (body_.size() >= 3 && body_[0] == named_curve)
      hello_.group = static_cast<std::uint16_t>(body_[1] << 8 | body_[2]);
  } else if (message_header_[0] == certificate_request) {
    asked_for_certificate_ = true;
  }
  if (message_header_[0] == server_hello_done) done_ = true;
  body_ = {};
}

std::string_view ServerReader::group() const {
  switch (hello_.group) {
    case 0x0017:
      return "P-256";
    case 0x0018:
      return "P-384";
    case 0x001d:
      return "X25519";
    default:
      return {};
  }
}

}  // namespace tunnel::tls
