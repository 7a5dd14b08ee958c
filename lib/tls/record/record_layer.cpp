// What records mean once the handshake is over, and what this end says beside data.
#include "tls/record/record_layer.hpp"

#include <algorithm>

namespace tunnel::tls {

namespace {

// Handshake messages (RFC 8446 section 4, RFC 5246 section 7.4).
enum Message : std::uint8_t {
  hello_request = 0,
  client_hello = 1,
  new_session_ticket = 4,
  key_update = 24
};

// What a peer may repeat without sending data between: nobody needs more, and each costs work.
constexpr unsigned max_key_updates = 32;
constexpr unsigned max_warnings = 5;
// Of a whole connection: each is answered.
constexpr unsigned max_renegotiations = 5;
// In one call: a new key is dear, and other connections wait.
constexpr unsigned max_key_updates_at_once = 8;

// NewSessionTicket has nothing longer (RFC 8446 section 4.6.1).
constexpr std::size_t max_ticket_message = 4 + 4 + 1 + 255 + 2 + 65535 + 2 + 65534;

const AeadBackend& backend_for(const Suite& suite, const RecordSettings& settings) {
  return settings.backend != nullptr && settings.backend->supports(suite.cipher)
             ? *settings.backend
             : best_aead_backend(suite.cipher);
}

// NewSessionTickets from end to end, and at least one.
bool whole_tickets(std::span<const std::byte> messages) {
  if (messages.empty()) return false;
  while (messages.size() >= 4 && messages[0] == std::byte{new_session_ticket}) {
    const std::size_t size = 4 + (std::to_integer<std::size_t>(messages[1]) << 16 |
                                  std::to_integer<std::size_t>(messages[2]) << 8 |
                                  std::to_integer<std::size_t>(messages[3]));
    if (size > messages.size()) return false;
    messages = messages.subspan(size);
  }
  return messages.empty();
}

}  // namespace

std::optional<RecordLayer> RecordLayer::make(const RecordKeys& keys, const RecordSettings& settings,
                                             Bytes& output) {
  const AeadBackend& backend = backend_for(keys.suite, settings);
  std::optional<TrafficKeys> client, server;
  if (keys.suite.version == Version::tls13) {
    client = traffic_keys(keys.suite, keys.client_secret);
    server = traffic_keys(keys.suite, keys.server_secret);
  } else if (auto block = key_block(keys.suite, keys.master_secret, keys.client_random,
                                    keys.server_random)) {
    client = std::move(block->client);
    server = std::move(block->server);
  }
  if (!client || !server) return std::nullopt;
  auto in = Protection::make(keys.suite, keys.client ? *server : *client, backend, keys.read);
  auto out = Protection::make(keys.suite, keys.client ? *client : *server, backend, keys.written);
  if (!in || !out) return std::nullopt;
  return RecordLayer(keys, settings, backend,
                     {keys.client ? keys.server_secret : keys.client_secret, std::move(*in)},
                     {keys.client ? keys.client_secret : keys.server_secret, std::move(*out)},
                     output);
}

RecordLayer::RecordLayer(const RecordKeys& keys, const RecordSettings& settings,
                         const AeadBackend& backend, Direction in, Direction out, Bytes& output)
    : suite_(keys.suite),
      client_(keys.client),
      rekey_after_(settings.rekey_after),
      backend_(&backend),
      in_(std::move(in)),
      out_(std::move(out)),
      output_(&output) {}

bool RecordLayer::holds_tickets(std::span<const std::byte> record, std::uint64_t read) {
  if (suite_.version != Version::tls13 || record.size() < record_header_size ||
      Protection::refuses_header(suite_, record.first<record_header_size>()))
    return false;
  Bytes copy(record.begin(), record.end());
  Protection::Opened opened;
  in_.protection.go_on_at(read);
  const bool handshake =
      !in_.protection.open(copy, opened) && opened.type == ContentType::handshake;
  const bool tickets = handshake && whole_tickets(opened.plain);
  mbedtls_platform_zeroize(copy.data(), copy.size());
  return tickets;
}

void RecordLayer::go_on_at(std::uint64_t read, std::uint64_t written, bool said_close) {
  said_close_ = said_close;
  in_.protection.go_on_at(read);
  out_.protection.go_on_at(written);
}

// --- sending

RecordLayer::Status RecordLayer::seal(std::span<std::byte> block, std::size_t plain,
                                      std::span<const std::byte>& wire) {
  wire = {};
  if (failed_ || said_close_) return Status::failed;
  const std::size_t records = (plain + max_plaintext - 1) / max_plaintext;
  if (suite_.version == Version::tls13) {
    // RFC 8446 section 4.6.3: an answer comes before the next data; section 5.5: a new key in time
    const bool used_up = out_.protection.sequence() + records > rekey_after_;
    if ((update_owed_ || used_up) && !say_key_update())
      return fail(Alert::internal_error, "a key could not be renewed");
  }
  const RecordLayout layout = record_layout();
  std::byte* at = block.data();
  for (std::size_t left = plain; left > 0;) {
    const std::size_t n = std::min(left, max_plaintext);
    if (!out_.protection.seal(ContentType::application_data, at, n))
      return fail(Alert::internal_error, "a record could not be sealed");
    at += layout.size(n);
    left -= n;
  }
  wire = block.first(static_cast<std::size_t>(at - block.data()));
  return Status::ok;
}

bool RecordLayer::append(ContentType type, std::span<const std::byte> body) {
  const RecordLayout layout = record_layout();
  const std::size_t before = output_->size();
  output_->resize(before + layout.size(body.size()));
  std::byte* const record = output_->data() + before;
  std::copy(body.begin(), body.end(), record + layout.head);
  if (out_.protection.seal(type, record, body.size())) return true;
  output_->resize(before);
  return false;
}

// A new key for one direction, from the secret after its present one (RFC 8446 section 7.2).
bool RecordLayer::renew(Direction& direction) {
  const auto secret = next_traffic_secret(suite_, direction.secret);
  if (!secret) return false;
  const auto keys = traffic_keys(suite_, *secret);
  if (!keys) return false;
  auto protection = Protection::make(suite_, *keys, *backend_);
  if (!protection) return false;
  direction.secret = *secret;
  direction.protection = std::move(*protection);
  return true;
}

// KeyUpdate, without asking for one in return (RFC 8446 section 4.6.3).
bool RecordLayer::say_key_update() {
  static constexpr std::array<std::byte, 5> message = {std::byte{key_update}, std::byte{0},
                                                       std::byte{0}, std::byte{1}, std::byte{0}};
  update_owed_ = false;
  return append(ContentType::handshake, message) && renew(out_);
}

RecordLayer::Status RecordLayer::close() {
  if (failed_) return Status::failed;
  if (said_close_) return Status::ok;
  said_close_ = true;
  const std::array<std::byte, 2> alert = {std::byte{1}, std::byte{0}};
  return append(ContentType::alert, alert) ? Status::ok : Status::failed;
}

RecordLayer::Status RecordLayer::fail(Alert alert, const char* reason) {
  if (failed_) return Status::failed;
  failed_ = true;
  failure_.sent = alert;
  failure_.reason = reason;
  // after close_notify nothing more may be said (RFC 8446 section 6.1)
  if (!said_close_) {
    const std::array<std::byte, 2> message = {std::byte{2}, static_cast<std::byte>(alert)};
    append(ContentType::alert, message);
  }
  return Status::failed;
}

// --- receiving

namespace {

const char* wrong_header_text(Alert alert) {
  if (alert == Alert::record_overflow) return "sent a record that is too long";
  if (alert == Alert::bad_record_mac) return "sent a record that is too short";
  return "sent something that is no protected record";
}

const char* wrong_record_text(Alert alert) {
  if (alert == Alert::bad_record_mac) return "";
  if (alert == Alert::record_overflow) return "sent a record with too much in it";
  if (alert == Alert::internal_error) return "sent more records than can be counted";
  return "sent a record without a content";
}

}  // namespace

RecordLayer::Status RecordLayer::open(std::span<std::byte> wire, Fragments& plain,
                                      std::size_t& used) {
  used = 0;
  key_updates_at_once_ = 0;
  while (!failed_ && !closed_ && wire.size() - used >= record_header_size &&
         key_updates_at_once_ < max_key_updates_at_once) {
    const auto rest = wire.subspan(used);
    const auto header = rest.first<record_header_size>();
    if (const auto alert = Protection::refuses_header(suite_, header))
      return fail(*alert, wrong_header_text(*alert));
    const std::size_t size = record_header_size + std::to_integer<std::size_t>(header[3]) * 256 +
                             std::to_integer<std::size_t>(header[4]);
    if (rest.size() < size) break;
    used += size;
    Protection::Opened record;
    if (const auto alert = in_.protection.open(rest.first(size), record))
      return fail(*alert, wrong_record_text(*alert));
    take(record, plain);
  }
  if (failed_) return Status::failed;
  if (closed_) return Status::closed;
  // one answer at a time: who does not read what we say gets no more of it
  if (update_owed_ && output_->empty() && !said_close_ && !say_key_update())
    return fail(Alert::internal_error, "a key could not be renewed");
  return Status::ok;
}

RecordLayer::Status RecordLayer::take(const Protection::Opened& record, Fragments& plain) {
  // other records may not come between the pieces of a message (RFC 8446 section 5.1)
  if (message_.under_way() && record.type != ContentType::handshake)
    return fail(Alert::unexpected_message, "interrupted a handshake message");
  switch (record.type) {
    case ContentType::application_data:
      if (!record.plain.empty()) key_updates_ = warnings_ = 0;
      plain.add(record.plain);
      return Status::ok;
    case ContentType::alert:
      return take_alert(record.plain);
    case ContentType::handshake:
      return take_handshake(record.plain);
    case ContentType::change_cipher_spec:
      break;
  }
  return fail(Alert::unexpected_message, "sent a record that has no place after the handshake");
}

RecordLayer::Status RecordLayer::take_alert(std::span<const std::byte> body) {
  // never in pieces, never two in one (RFC 8446 sections 5.1 and 5.4)
  if (body.empty()) return fail(Alert::unexpected_message, "sent an empty alert record");
  if (body.size() != 2) return fail(Alert::decode_error, "sent an alert of a wrong size");
  const auto level = std::to_integer<unsigned>(body[0]);
  const auto description = static_cast<Alert>(body[1]);
  if (description == Alert::close_notify) {
    closed_ = true;
    return Status::closed;
  }
  // TLS 1.3 knows no other warnings, whatever the level says (RFC 8446 section 6)
  const bool warning =
      suite_.version == Version::tls13 ? description == Alert::user_canceled : level == 1;
  if (warning) {
    if (++warnings_ > max_warnings)
      return fail(Alert::unexpected_message, "sent warnings without end");
    return Status::ok;
  }
  failed_ = true;
  failure_.received = std::to_integer<int>(body[1]);
  return Status::failed;
}

RecordLayer::Status RecordLayer::take_handshake(std::span<const std::byte> body) {
  if (body.empty()) return fail(Alert::unexpected_message, "sent an empty handshake record");
  while (!body.empty()) {
    if (message_.header_size < message_.header.size()) {
      message_.header[message_.header_size++] = std::to_integer<std::uint8_t>(body.front());
      body = body.subspan(1);
      if (message_.header_size < message_.header.size()) continue;
      const auto& h = message_.header;
      message_.left = std::size_t{h[1]} << 16 | std::size_t{h[2]} << 8 | h[3];
      const bool ticket = suite_.version == Version::tls13 && client_ && h[0] == new_session_ticket;
      const bool update = suite_.version == Version::tls13 && h[0] == key_update;
      const bool hello =
          suite_.version == Version::tls12 && h[0] == (client_ ? hello_request : client_hello);
      if (!ticket && !update && !hello)
        return fail(Alert::unexpected_message,
                    "sent a handshake message that has no place after the handshake");
      if ((update && message_.left != 1) || message_.left > max_ticket_message ||
          (hello && client_ && message_.left != 0))
        return fail(Alert::decode_error, "sent a handshake message of a wrong size");
    }
    const std::size_t n = std::min(message_.left, body.size());
    if (n > 0) message_.first = std::to_integer<std::uint8_t>(body.front());
    body = body.subspan(n);
    message_.left -= n;
    if (message_.left == 0 && finish_message(body.empty()) != Status::ok) return Status::failed;
  }
  return Status::ok;
}

RecordLayer::Status RecordLayer::finish_message(bool last_in_record) {
  const std::uint8_t type = message_.header[0];
  message_.header_size = 0;
  if (type == key_update) return take_key_update(last_in_record);
  // a ticket for a resumption that nobody waits for any more
  if (type == new_session_ticket) return Status::ok;
  // no renegotiation (RFC 5246 section 7.2.2): said a few times, then the peer means harm
  if (++renegotiations_ > max_renegotiations)
    return fail(Alert::unexpected_message, "asked for a renegotiation again and again");
  if (said_close_) return Status::ok;
  const std::array<std::byte, 2> refusal = {std::byte{1},
                                            static_cast<std::byte>(Alert::no_renegotiation)};
  return append(ContentType::alert, refusal)
             ? Status::ok
             : fail(Alert::internal_error, "an alert could not be sealed");
}

// RFC 8446 section 4.6.3.
RecordLayer::Status RecordLayer::take_key_update(bool last_in_record) {
  if (message_.first > 1) return fail(Alert::illegal_parameter, "sent a KeyUpdate of no kind");
  // what follows must come under the new key (section 5.1)
  if (!last_in_record)
    return fail(Alert::unexpected_message, "went on under a key that it had given up");
  ++key_updates_at_once_;
  if (++key_updates_ > max_key_updates)
    return fail(Alert::unexpected_message, "renewed its key without end");
  if (!renew(in_)) return fail(Alert::internal_error, "a key could not be renewed");
  if (message_.first == 1) update_owed_ = true;
  return Status::ok;
}

}  // namespace tunnel::tls
