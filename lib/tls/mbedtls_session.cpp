// The handshake by mbedTLS, with queues for a wire, and what it exports.
#include "tls/mbedtls_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "tls/ssl_compat.hpp"
#include "x509/pk_compat.hpp"

namespace tunnel::tls {

namespace {

// A record with an alert in the clear: five bytes of header, level, description.
constexpr std::size_t alert_size = 7;

// In bytes that come, with room for certificates and lists of authorities.
constexpr std::size_t longest_handshake = std::size_t{128} * 1024;

std::array<std::byte, 32> random_of(const unsigned char* random) {
  std::array<std::byte, 32> out{};
  std::memcpy(out.data(), random, out.size());
  return out;
}

}  // namespace

MbedtlsSession::MbedtlsSession(const Context& context, std::string peer, x509::ServerName name,
                               Bytes& output)
    : context_(context),
      name_(std::move(name)),
      verification_(context_.rules(), name_),
      output_(output) {
  mbedtls_ssl_init(&ssl_);
  facts_.client = context_.client();
  facts_.peer = std::move(peer);
  facts_.versions = context_.versions();
  facts_.has_certificate = context_.has_certificate();
  facts_.wording = context_.rules().wording.get();
}

MbedtlsSession::~MbedtlsSession() { mbedtls_ssl_free(&ssl_); }

// --- the wire

// Takes everything: the owner bounds the queue by what it lets write() encrypt.
int MbedtlsSession::send(void* self, const unsigned char* data, std::size_t n) {
  auto& session = *static_cast<MbedtlsSession*>(self);
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  try {
    session.output_.insert(session.output_.end(), bytes, bytes + n);
    if (!session.over_ && !session.context_.client()) session.server_.look({bytes, n});
    session.written_.look({bytes, n});
  } catch (const std::bad_alloc&) {
    return out_of_memory;  // no exception crosses a C callback
  }
  return static_cast<int>(n);
}

int MbedtlsSession::receive(void* self, unsigned char* data, std::size_t n) {
  auto& session = *static_cast<MbedtlsSession*>(self);
  const auto take = [&](std::span<const std::byte> from) {
    const std::size_t taken = std::min(n, from.size());
    std::memcpy(data, from.data(), taken);
    session.read_.look(from.first(taken));
    // what a server says after the last message that it read is tickets, under the keys of data
    if (!session.over_) session.written_.start();
    session.said_before_ = session.output_.size();
    return taken;
  };
  if (session.kept_used_ < session.kept_.size()) {
    const std::size_t taken = take(std::span(session.kept_).subspan(session.kept_used_));
    session.kept_used_ += taken;
    if (session.kept_used_ == session.kept_.size()) {
      session.kept_ = {};
      session.kept_used_ = 0;
    }
    return static_cast<int>(taken);
  }
  if (!session.input_.empty()) {
    const std::size_t taken = take(session.input_);
    session.input_ = session.input_.subspan(taken);
    return static_cast<int>(taken);
  }
  if (session.ended_) return 0;
  session.starved_ = true;
  return MBEDTLS_ERR_SSL_WANT_READ;
}

void MbedtlsSession::feed(std::span<const std::byte> wire) {
  starved_ = false;
  if (!over_) {
    fed_ += wire.size();
    note_first_bytes(wire);
    if (context_.client()) server_.look(wire);
    const auto tail = wire.last(std::min(wire.size(), alert_size));
    last_bytes_.append(reinterpret_cast<const char*>(tail.data()), tail.size());
    last_bytes_.erase(0, last_bytes_.size() - std::min(last_bytes_.size(), alert_size));
  }
  keep_input();
  input_ = wire;
}

void MbedtlsSession::feed_end(bool by_reset) {
  starved_ = false;
  ended_ = true;
  facts_.by_reset = by_reset;
}

void MbedtlsSession::note_first_bytes(std::span<const std::byte> wire) {
  // enough to tell what protocol the peer speaks
  constexpr std::size_t limit = 64;
  const std::size_t n = std::min(wire.size(), limit - facts_.first_bytes.size());
  facts_.first_bytes.append(reinterpret_cast<const char*>(wire.data()), n);
}

void MbedtlsSession::hear(std::span<const std::byte> wire) {
  note_first_bytes(wire);
  failure_ = explain_protocol_mismatch(facts_);
}

Error MbedtlsSession::overdue(std::chrono::milliseconds limit) const {
  return explain_overdue(facts_, limit);
}

void MbedtlsSession::keep_input() {
  if (input_.empty()) return;
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(kept_used_));
  kept_used_ = 0;
  kept_.insert(kept_.end(), input_.begin(), input_.end());
  input_ = {};
}

Bytes MbedtlsSession::take_input() {
  keep_input();
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(kept_used_));
  kept_used_ = 0;
  return std::exchange(kept_, {});
}

// --- certificates

int MbedtlsSession::look_at(void* self, mbedtls_x509_crt* certificate, int depth,
                            std::uint32_t* flags) {
  try {
    static_cast<MbedtlsSession*>(self)->verification_.look_at(*certificate, depth, *flags);
    return 0;
  } catch (const std::bad_alloc&) {
    return x509::out_of_memory;
  } catch (const std::exception&) {
    return MBEDTLS_ERR_X509_FATAL_ERROR;  // of a path's name
  }
}

x509::PeerCertificates MbedtlsSession::certificates() const {
  x509::PeerCertificates out = verification_.shown(facts_.peer);
  // where nothing is verified nothing has been looked at
  const auto* shown = over_ && out.path.empty() ? mbedtls_ssl_get_peer_cert(&ssl_) : nullptr;
  if (shown != nullptr) out.path = x509::summaries_of(*shown);
  return out;
}

// --- the handshake

void MbedtlsSession::keep_secrets(void* self, mbedtls_ssl_key_export_type type,
                                  const unsigned char* secret, std::size_t size,
                                  const unsigned char client_random[32],
                                  const unsigned char server_random[32], mbedtls_tls_prf_types) {
  auto& session = *static_cast<MbedtlsSession*>(self);
  RecordKeys& keys = session.keys_;
  const Secret bytes(std::as_bytes(std::span(secret, size)));
  switch (type) {
    case MBEDTLS_SSL_KEY_EXPORT_TLS12_MASTER_SECRET:
      keys.master_secret = bytes;
      keys.client_random = random_of(client_random);
      keys.server_random = random_of(server_random);
      break;
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_CLIENT_APPLICATION_TRAFFIC_SECRET:
      keys.client_secret = bytes;
      break;
    case MBEDTLS_SSL_KEY_EXPORT_TLS1_3_SERVER_APPLICATION_TRAFFIC_SECRET:
      keys.server_secret = bytes;
      break;
    default:
      break;
  }
}

MbedtlsSession::Status MbedtlsSession::set_up() {
  if (const int ret = mbedtls_ssl_setup(&ssl_, context_.config()); ret != 0) return fail(ret);
  if (!context_.client()) skip_early_data(ssl_);
  if (context_.client()) {
    // without this call mbedTLS would skip the check of the name
    const bool by_mbedtls = !name_.is_address && !name_.text.empty();
    if (const int ret = mbedtls_ssl_set_hostname(&ssl_, by_mbedtls ? name_.text.c_str() : nullptr);
        ret != 0)
      return fail(ret);
    if (context_.verifies() && name_.text.empty()) return fail(bad_input);
  }
  if (context_.verifies()) mbedtls_ssl_set_verify(&ssl_, &MbedtlsSession::look_at, this);
  if (SessionCache* sessions = context_.sessions()) {
    // a line that has changed in the file of known servers counts here, too
    if (auto earlier = sessions->take(target());
        earlier && verification_.identity().knows(earlier->trust.pin)) {
      // a ticket that does not fit any more is no failure: the handshake is then a full one
      if (mbedtls_ssl_set_session(&ssl_, earlier->handle.get()) == 0)
        earlier_trust_ = earlier->trust;
    }
  }
  mbedtls_ssl_set_export_keys_cb(&ssl_, &MbedtlsSession::keep_secrets, this);
  mbedtls_ssl_set_bio(&ssl_, this, &MbedtlsSession::send, &MbedtlsSession::receive, nullptr);
  ready_ = true;
  return Status::ok;
}

MbedtlsSession::Status MbedtlsSession::fail(int code) {
  facts_.code = code;
  facts_.in_handshake = !over_;
  facts_.certificate_requested = server_.asked_for_certificate();
  if (ready_) {
    const std::uint32_t flags = mbedtls_ssl_get_verify_result(&ssl_);
    if (!context_.client() && context_.verifies() && !over_)
      refuse_client(ssl_, code, flags, output_, said_before_);
    if (code == MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE)
      return refuse(code, x509::no_client_certificate(facts_.peer));
    constexpr std::uint32_t not_looked_at = ~std::uint32_t{0};
    if ((code == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED || code == MBEDTLS_ERR_SSL_BAD_CERTIFICATE) &&
        flags != 0 && flags != not_looked_at)
      return refuse(code, verification_.identity().explain(
                              facts_.peer, verification_.explain(facts_.peer, flags), flags));
    // the library has no code for a message that is too long for it
    if (!over_ && message_size(ssl_) > longest_handshake_message)
      facts_.message_size = message_size(ssl_);
    if (code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) facts_.alert = received_alert(ssl_);
    // a client that refuses our certificate may not have keys to encrypt its alert with, and
    // mbedTLS then takes the alert for a damaged record
    if (!over_ && code == MBEDTLS_ERR_SSL_INVALID_MAC) {
      static constexpr std::string_view alert_header{"\x15\x03\x03\x00\x02", 5};
      if (last_bytes_.size() == alert_size && last_bytes_.starts_with(alert_header)) {
        facts_.code = MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE;
        facts_.alert = static_cast<unsigned char>(last_bytes_.back());
      }
    }
  }
  failure_ = explain(facts_);
  return Status::failed;
}

MbedtlsSession::Status MbedtlsSession::end_of_input() {
  failure_ = over_ ? explain_truncation(facts_) : explain_early_end(facts_);
  return Status::truncated;
}

std::optional<MbedtlsSession::Status> MbedtlsSession::judge(int code) {
  switch (code) {
    case MBEDTLS_ERR_SSL_WANT_READ:
      // it also comes when a message was for the library alone, and the queue still holds data
      return starved_ ? std::optional(Status::starved) : std::nullopt;
    case MBEDTLS_ERR_SSL_WANT_WRITE:
      return std::nullopt;
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
    case MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET:
      keep_session();
      return Status::ok;
#endif
    case MBEDTLS_ERR_SSL_CONN_EOF:
      return end_of_input();
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
      if (!over_) return end_of_input();
      return Status::closed;
    default:
      return fail(code);
  }
}

MbedtlsSession::Status MbedtlsSession::handshake() {
  if (!ready_)
    if (const Status status = set_up(); status != Status::ok) return status;
  if (fed_ > longest_handshake) {
    mbedtls_ssl_send_alert_message(&ssl_, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                   MBEDTLS_SSL_ALERT_MSG_UNEXPECTED_MESSAGE);
    return refuse(
        MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE,
        {fmt::format("{} sent more than 128 KiB in the TLS handshake, where a few KiB are normal",
                     facts_.peer),
         "suspect an attack, or a broken program"});
  }
  for (;;) {
    const int ret = mbedtls_ssl_handshake(&ssl_);
    if (ret == 0) break;
    if (const auto status = judge(ret)) {
      if (*status == Status::starved && !context_.client()) encrypt_alerts_with_data_keys(ssl_);
      return *status;
    }
  }
  // REQUIRED has made sure of it; a second look costs nothing
  if (context_.verifies() && mbedtls_ssl_get_verify_result(&ssl_) != 0)
    return fail(MBEDTLS_ERR_X509_CERT_VERIFY_FAILED);
  // no client comes in without a certificate, whatever the library thinks of it
  if (!context_.client() && context_.verifies() && !verification_.seen())
    return fail(MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE);
  over_ = true;
  read_.start();
  if (context_.client()) written_.start();
  // the peer has proved by now that the key is its own
  const auto settled = verification_.settle();
  if (!settled) {
    mbedtls_ssl_send_alert_message(&ssl_, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                   MBEDTLS_SSL_ALERT_MSG_CERT_UNKNOWN);
    return refuse(MBEDTLS_ERR_SSL_BAD_CERTIFICATE, settled.error());
  }
  if (version() == Version::tls12) keep_session();
  return Status::ok;
}

// The session of the ticket that has just come, with the trust that this connection began with.
void MbedtlsSession::keep_session() {
  SessionCache* sessions = context_.sessions();
  if (sessions == nullptr) return;
  Session session{make_session(), trust()};
  if (mbedtls_ssl_get_session(&ssl_, session.handle.get()) != 0) return;
  sessions->put(target(), std::move(session));
  ticket_came_ = true;
  sessions->note_ticket(target(), true);
}

bool MbedtlsSession::awaits_ticket() const {
  return context_.sessions() != nullptr && version() == Version::tls13 && !ticket_came_ &&
         context_.sessions()->expects_ticket(target());
}

void MbedtlsSession::give_up_ticket() { context_.sessions()->note_ticket(target(), false); }

// --- records, by mbedTLS

MbedtlsSession::Status MbedtlsSession::read(std::span<std::byte> out, std::size_t& n) {
  n = 0;
  for (;;) {
    const int ret =
        mbedtls_ssl_read(&ssl_, reinterpret_cast<unsigned char*>(out.data()), out.size());
    if (ret > 0) {
      n = static_cast<std::size_t>(ret);
      return Status::ok;
    }
    // a read of nothing without close_notify is the end of the wire
    if (const auto status = judge(ret == 0 ? MBEDTLS_ERR_SSL_CONN_EOF : ret)) return *status;
  }
}

MbedtlsSession::Status MbedtlsSession::write(std::span<const std::byte> plain) {
  while (!plain.empty()) {
    const int ret = mbedtls_ssl_write(&ssl_, reinterpret_cast<const unsigned char*>(plain.data()),
                                      plain.size());
    if (ret > 0)
      plain = plain.subspan(static_cast<std::size_t>(ret));
    else if (ret != MBEDTLS_ERR_SSL_WANT_WRITE)
      return fail(ret);
  }
  return Status::ok;
}

MbedtlsSession::Status MbedtlsSession::close() {
  const int ret = mbedtls_ssl_close_notify(&ssl_);
  return ret == 0 ? Status::ok : fail(ret);
}

// --- what it leaves

unsigned MbedtlsSession::suite() const {
  return static_cast<unsigned>(mbedtls_ssl_get_ciphersuite_id_from_ssl(&ssl_));
}

Version MbedtlsSession::version() const {
  return mbedtls_ssl_get_version_number(&ssl_) == MBEDTLS_SSL_VERSION_TLS1_3 ? Version::tls13
                                                                             : Version::tls12;
}

std::optional<RecordKeys> MbedtlsSession::hand_over() const {
  const auto suite = suite_of(this->suite());
  if (!suite || mbedtls_ssl_check_pending(&ssl_) != 0 || !read_.between_records())
    return std::nullopt;
  RecordKeys keys = keys_;
  keys.suite = *suite;
  keys.client = context_.client();
  // in TLS 1.2 each Finished was the first record under these keys (RFC 5246 section 6.1)
  const bool tls13 = suite->version == Version::tls13;
  keys.read = tls13 ? read_.count() : 1;
  keys.written = tls13 ? written_.count() : 1;
  return keys;
}

}  // namespace tunnel::tls
