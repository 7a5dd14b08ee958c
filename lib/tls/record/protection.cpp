// Nonces, associated data and lengths of protected records in TLS 1.2 and 1.3.
#include "tls/record/protection.hpp"

#include <algorithm>
#include <limits>

namespace tunnel::tls {

namespace {

constexpr std::byte legacy_version_major{3};
constexpr std::byte legacy_version_minor{3};
constexpr std::size_t explicit_nonce_size = 8;  // RFC 5288 section 3
constexpr std::size_t salt_size = nonce_size - explicit_nonce_size;

void put_length(std::byte* at, std::size_t length) {
  at[0] = static_cast<std::byte>(length >> 8);
  at[1] = static_cast<std::byte>(length);
}

std::size_t length_at(const std::byte* at) {
  return std::to_integer<std::size_t>(at[0]) << 8 | std::to_integer<std::size_t>(at[1]);
}

void put_sequence(std::byte* at, std::uint64_t sequence) {
  for (int i = 7; i >= 0; --i, sequence >>= 8) at[i] = static_cast<std::byte>(sequence);
}

// What TLS 1.2 authenticates beside the text (RFC 5246 section 6.2.3.3).
std::array<std::byte, 13> tls12_associated_data(std::uint64_t sequence, std::byte type,
                                                std::size_t plain) {
  std::array<std::byte, 13> out{};
  put_sequence(out.data(), sequence);
  out[8] = type;
  out[9] = legacy_version_major;
  out[10] = legacy_version_minor;
  put_length(&out[11], plain);
  return out;
}

}  // namespace

RecordLayout frame_of(const Suite& suite) {
  // TLS 1.3 has the true content type behind the text
  if (suite.version == Version::tls13) return {record_header_size, 1 + tag_size};
  if (suite.cipher == Cipher::chacha20_poly1305) return {record_header_size, tag_size};
  return {record_header_size + explicit_nonce_size, tag_size};
}

Protection::Protection(const Suite& suite, const TrafficKeys& keys, std::unique_ptr<AeadKey> key,
                       std::uint64_t sequence)
    : suite_(suite), key_(std::move(key)), iv_(keys.iv), sequence_(sequence) {}

std::optional<Protection> Protection::make(const Suite& suite, const TrafficKeys& keys,
                                           const AeadBackend& backend, std::uint64_t sequence) {
  auto key = backend.make_key(suite.cipher, keys.key.bytes());
  if (!key) return std::nullopt;
  return Protection(suite, keys, std::move(key), sequence);
}

bool Protection::has_explicit_nonce() const {
  return suite_.version == Version::tls12 && suite_.cipher != Cipher::chacha20_poly1305;
}

// RFC 8446 section 5.3 and RFC 7905 section 2: the mask with the counter; RFC 5288 section 3: the
// salt and an explicit part, for which the counter serves.
std::array<std::byte, nonce_size> Protection::nonce() const {
  std::array<std::byte, nonce_size> out = iv_;
  std::uint64_t sequence = sequence_;
  for (std::size_t i = nonce_size; i > salt_size; --i, sequence >>= 8)
    out[i - 1] ^= static_cast<std::byte>(sequence);
  return out;
}

bool Protection::seal(ContentType type, std::byte* record, std::size_t plain) {
  if (sequence_ == std::numeric_limits<std::uint64_t>::max()) return false;
  const RecordLayout frame = frame_of(suite_);
  const bool tls13 = suite_.version == Version::tls13;
  record[0] = static_cast<std::byte>(tls13 ? ContentType::application_data : type);
  record[1] = legacy_version_major;
  record[2] = legacy_version_minor;
  put_length(record + 3, frame.size(plain) - record_header_size);
  std::byte* const text = record + frame.head;
  const std::size_t text_size = tls13 ? plain + 1 : plain;
  if (tls13) text[plain] = static_cast<std::byte>(type);
  // in TLS 1.2 its last eight bytes are the counter, which is what goes on the wire: iv_ is zero
  // there
  const auto nonce = this->nonce();
  if (has_explicit_nonce())
    std::copy(nonce.begin() + salt_size, nonce.end(), record + record_header_size);
  const std::span<std::byte, tag_size> tag(text + text_size, tag_size);
  bool good = false;
  if (tls13) {
    good = key_->seal(nonce, {record, record_header_size}, {text, text_size}, tag);
  } else {
    const auto data = tls12_associated_data(sequence_, record[0], plain);
    good = key_->seal(nonce, data, {text, text_size}, tag);
  }
  ++sequence_;
  return good;
}

std::optional<Alert> Protection::refuses_header(
    const Suite& suite, std::span<const std::byte, record_header_size> header) {
  const auto type = static_cast<ContentType>(header[0]);
  if (suite.version == Version::tls13) {
    // the version is to be ignored, and everything is disguised as data (RFC 8446 section 5.2)
    if (type != ContentType::application_data) return Alert::unexpected_message;
  } else {
    if (type < ContentType::change_cipher_spec || type > ContentType::application_data)
      return Alert::unexpected_message;
    if (header[1] != legacy_version_major || header[2] != legacy_version_minor)
      return Alert::protocol_version;
  }
  // RFC 8446 section 5.2, RFC 5246 section 6.2.3
  const std::size_t expansion = suite.version == Version::tls13 ? 256 : 2048;
  const std::size_t length = length_at(&header[3]);
  if (length > max_plaintext + expansion) return Alert::record_overflow;
  // what is too short for a tag cannot be authentic
  const RecordLayout frame = frame_of(suite);
  if (length < frame.size(0) - record_header_size) return Alert::bad_record_mac;
  return std::nullopt;
}

std::optional<Alert> Protection::open(std::span<std::byte> record, Opened& out) {
  if (sequence_ == std::numeric_limits<std::uint64_t>::max()) return Alert::internal_error;
  const bool tls13 = suite_.version == Version::tls13;
  const std::size_t head = frame_of(suite_).head;
  const std::span<std::byte> text = record.subspan(head, record.size() - head - tag_size);
  const std::span<const std::byte, tag_size> tag(record.last<tag_size>());
  auto nonce = this->nonce();
  if (has_explicit_nonce())
    std::copy_n(record.begin() + record_header_size, explicit_nonce_size,
                nonce.begin() + salt_size);
  bool good = false;
  if (tls13) {
    good = key_->open(nonce, record.first(record_header_size), text, tag);
  } else {
    const auto data = tls12_associated_data(sequence_, record[0], text.size());
    good = key_->open(nonce, data, text, tag);
  }
  if (!good) return Alert::bad_record_mac;
  ++sequence_;

  if (tls13) {
    // the last byte that is not padding is the content type (RFC 8446 section 5.4)
    std::size_t end = text.size();
    while (end > 0 && text[end - 1] == std::byte{0}) --end;
    if (end == 0) return Alert::unexpected_message;
    // padding counts: the whole inner plaintext is bounded (section 5.2)
    if (text.size() > max_plaintext + 1) return Alert::record_overflow;
    out.type = static_cast<ContentType>(text[end - 1]);
    out.plain = text.first(end - 1);
  } else {
    if (text.size() > max_plaintext) return Alert::record_overflow;
    out.type = static_cast<ContentType>(record[0]);
    out.plain = text;
  }
  return std::nullopt;
}

}  // namespace tunnel::tls
