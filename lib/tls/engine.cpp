// One TLS connection by mbedTLS, with queues for a wire.
#include "tls/engine.hpp"

#include <fmt/format.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "base/text.hpp"
#include "config/values.hpp"
#include "tls/certificates.hpp"
#include "tls/error.hpp"
#include "tls/hello.hpp"

namespace tunnel::tls {

namespace {

// A record with an alert in the clear: five bytes of header, level, description.
constexpr std::size_t alert_size = 7;

}  // namespace

struct Engine::State {
  State(std::shared_ptr<const Context> shared, std::string peer, ServerName server_name)
      : context(std::move(shared)), name(std::move(server_name)) {
    mbedtls_ssl_init(&ssl);
    facts.client = context->client();
    facts.peer = std::move(peer);
    facts.expected_name = name.text;
  }
  ~State() { mbedtls_ssl_free(&ssl); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Status set_up();
  Status fail(int code);
  Status end_of_input();
  // Turns what any call returned other than success into a status, or nothing for "call again".
  std::optional<Status> judge(int code);

  static int send(void* self, const unsigned char* data, std::size_t n);
  static int receive(void* self, unsigned char* data, std::size_t n);
  static int look_at(void* self, mbedtls_x509_crt* certificate, int depth, std::uint32_t* flags);
  int check_certificate(mbedtls_x509_crt& certificate, int depth, std::uint32_t& flags);

  const std::shared_ptr<const Context> context;
  const ServerName name;
  mbedtls_ssl_context ssl;
  bool ready = false;    // the mbedTLS session is set up
  bool over = false;     // the handshake is
  bool starved = false;  // the last receive found nothing
  bool ended = false;    // feed_end was called
  bool closed = false;   // close_notify has been read
  Bytes kept;            // input that the engine owns, used before `input`
  std::size_t kept_used = 0;
  std::span<const std::byte> input;
  Bytes output;
  std::string last_bytes;  // of what has been fed during the handshake
  GroupReader server;      // reads along in what the server says
  Failure facts;
  Error failure;
};

Engine::Engine(std::shared_ptr<const Context> context, std::string peer, ServerName name)
    : state_(std::make_unique<State>(std::move(context), std::move(peer), std::move(name))) {}
Engine::~Engine() = default;

// Takes everything: the owner bounds the queue by what it lets write() encrypt.
int Engine::State::send(void* self, const unsigned char* data, std::size_t n) {
  auto& state = *static_cast<State*>(self);
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  try {
    state.output.insert(state.output.end(), bytes, bytes + n);
    if (!state.over && !state.context->client()) state.server.look({bytes, n});
  } catch (const std::bad_alloc&) {
    return MBEDTLS_ERR_SSL_ALLOC_FAILED;  // no exception crosses a C callback
  }
  return static_cast<int>(n);
}

int Engine::State::receive(void* self, unsigned char* data, std::size_t n) {
  auto& state = *static_cast<State*>(self);
  const auto take = [&](std::span<const std::byte> from) {
    const std::size_t taken = std::min(n, from.size());
    std::memcpy(data, from.data(), taken);
    return taken;
  };
  if (state.kept_used < state.kept.size()) {
    const std::size_t taken = take(std::span(state.kept).subspan(state.kept_used));
    state.kept_used += taken;
    if (state.kept_used == state.kept.size()) {
      state.kept = {};
      state.kept_used = 0;
    }
    return static_cast<int>(taken);
  }
  if (!state.input.empty()) {
    const std::size_t taken = take(state.input);
    state.input = state.input.subspan(taken);
    return static_cast<int>(taken);
  }
  if (state.ended) return 0;
  state.starved = true;
  return MBEDTLS_ERR_SSL_WANT_READ;
}

int Engine::State::look_at(void* self, mbedtls_x509_crt* certificate, int depth,
                           std::uint32_t* flags) {
  try {
    return static_cast<State*>(self)->check_certificate(*certificate, depth, *flags);
  } catch (const std::bad_alloc&) {
    return MBEDTLS_ERR_X509_ALLOC_FAILED;
  }
}

int Engine::State::check_certificate(mbedtls_x509_crt& certificate, int depth,
                                     std::uint32_t& flags) {
  const auto date = [](const mbedtls_x509_time& t) {
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", t.year, t.mon, t.day, t.hour,
                       t.min, t.sec);
  };
  const bool out_of_time =
      (flags & (MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE)) != 0;
  if (out_of_time || facts.not_after.empty()) {
    facts.not_before = date(certificate.valid_from);
    facts.not_after = date(certificate.valid_to);
  }
  // called from the top of the chain down to the leaf: the first is where trust ended
  if (facts.issuer.empty()) {
    char issuer[256] = "";
    mbedtls_x509_dn_gets(issuer, sizeof issuer, &certificate.issuer);
    facts.issuer = fmt::format("\"{}\"", escaped(issuer, 200));
    // a server may send the root too: that does not make its own certificate self-signed
    facts.self_signed = depth == 0 && certificate.issuer_raw.len == certificate.subject_raw.len &&
                        std::memcmp(certificate.issuer_raw.p, certificate.subject_raw.p,
                                    certificate.issuer_raw.len) == 0;
  }
  if (depth > 0) return 0;
  facts.names = names_of(certificate);
  // mbedTLS would believe a common name where there is no subjectAltName; RFC 9525 section 2 does
  // not
  if (facts.names.empty()) flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  if (name.is_address) {
    // mbedTLS checks a name and sends it as one thing, and an address must not be sent (RFC 6066
    // section 3): it was given no name, and the address is checked here.
    const auto address = config::address_bytes(name.text);
    if (!address || !has_address(certificate, *address)) flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  }
  return 0;
}

Engine::Status Engine::State::set_up() {
  if (const int ret = mbedtls_ssl_setup(&ssl, context->config()); ret != 0) return fail(ret);
  if (context->client()) {
    // without this call mbedTLS would skip the check of the name
    const bool by_mbedtls = !name.is_address && !name.text.empty();
    if (const int ret = mbedtls_ssl_set_hostname(&ssl, by_mbedtls ? name.text.c_str() : nullptr);
        ret != 0)
      return fail(ret);
    if (context->verifies()) {
      if (name.text.empty()) return fail(MBEDTLS_ERR_SSL_BAD_INPUT_DATA);
      mbedtls_ssl_set_verify(&ssl, &State::look_at, this);
    }
  }
  mbedtls_ssl_set_bio(&ssl, this, &State::send, &State::receive, nullptr);
  ready = true;
  return Status::ok;
}

Engine::Status Engine::State::fail(int code) {
  facts.code = code;
  facts.in_handshake = !over;
  if (ready) {
    facts.verify_flags = mbedtls_ssl_get_verify_result(&ssl);
    // the library does not say which alert it was by any public call
    if (code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE && ssl.MBEDTLS_PRIVATE(in_msg) != nullptr)
      facts.alert = ssl.MBEDTLS_PRIVATE(in_msg)[1];
    // a client that refuses our certificate may not have keys to encrypt its alert with, and
    // mbedTLS then takes the alert for a damaged record
    if (!over && code == MBEDTLS_ERR_SSL_INVALID_MAC) {
      static constexpr std::string_view alert_header{"\x15\x03\x03\x00\x02", 5};
      if (last_bytes.size() == alert_size && last_bytes.starts_with(alert_header)) {
        facts.code = MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE;
        facts.alert = static_cast<unsigned char>(last_bytes.back());
      }
    }
  }
  failure = explain(facts);
  return Status::failed;
}

Engine::Status Engine::State::end_of_input() {
  failure = over ? Error{fmt::format("{} ended the connection without close_notify: the data may "
                                     "have been cut short",
                                     facts.peer),
                         ""}
                 : explain_early_end(facts);
  return Status::truncated;
}

std::optional<Engine::Status> Engine::State::judge(int code) {
  switch (code) {
    case MBEDTLS_ERR_SSL_WANT_READ:
      // it also comes when a message was for the library alone, and the queue still holds data
      return starved ? std::optional(Status::starved) : std::nullopt;
    case MBEDTLS_ERR_SSL_WANT_WRITE:
      return std::nullopt;
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)
    case MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET:
      return std::nullopt;
#endif
    case MBEDTLS_ERR_SSL_CONN_EOF:
      return end_of_input();
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
      if (!over) return end_of_input();
      closed = true;
      return Status::closed;
    default:
      return fail(code);
  }
}

void Engine::feed(std::span<const std::byte> wire) {
  State& state = *state_;
  state.starved = false;
  // enough to tell what protocol the peer speaks
  constexpr std::size_t first_bytes_limit = 64;
  if (!state.over && state.facts.first_bytes.size() < first_bytes_limit) {
    const std::size_t n = std::min(wire.size(), first_bytes_limit - state.facts.first_bytes.size());
    state.facts.first_bytes.append(reinterpret_cast<const char*>(wire.data()), n);
  }
  if (!state.over) {
    if (state.context->client()) state.server.look(wire);
    const auto tail = wire.last(std::min(wire.size(), alert_size));
    state.last_bytes.append(reinterpret_cast<const char*>(tail.data()), tail.size());
    state.last_bytes.erase(0,
                           state.last_bytes.size() - std::min(state.last_bytes.size(), alert_size));
  }
  keep_input();
  state.input = wire;
}

void Engine::feed_end() {
  state_->starved = false;
  state_->ended = true;
}

void Engine::keep_input() {
  State& state = *state_;
  if (state.input.empty()) return;
  state.kept.erase(state.kept.begin(),
                   state.kept.begin() + static_cast<std::ptrdiff_t>(state.kept_used));
  state.kept_used = 0;
  state.kept.insert(state.kept.end(), state.input.begin(), state.input.end());
  state.input = {};
}

Engine::Status Engine::handshake() {
  State& state = *state_;
  if (!state.ready)
    if (const Status status = state.set_up(); status != Status::ok) return status;
  for (;;) {
    const int ret = mbedtls_ssl_handshake(&state.ssl);
    if (ret == 0) {
      // REQUIRED has made sure of it; a second look costs nothing
      if (state.context->verifies() && mbedtls_ssl_get_verify_result(&state.ssl) != 0)
        return state.fail(MBEDTLS_ERR_X509_CERT_VERIFY_FAILED);
      state.over = true;
      return Status::ok;
    }
    if (const auto status = state.judge(ret)) return *status;
  }
}

Engine::Status Engine::read(std::span<std::byte> out, std::size_t& n) {
  State& state = *state_;
  n = 0;
  if (state.closed) return Status::closed;
  for (;;) {
    const int ret =
        mbedtls_ssl_read(&state.ssl, reinterpret_cast<unsigned char*>(out.data()), out.size());
    if (ret > 0) {
      n = static_cast<std::size_t>(ret);
      return Status::ok;
    }
    // a read of nothing without close_notify is the end of the wire
    if (const auto status = state.judge(ret == 0 ? MBEDTLS_ERR_SSL_CONN_EOF : ret)) return *status;
  }
}

Engine::Status Engine::write(std::span<const std::byte> plain) {
  State& state = *state_;
  while (!plain.empty()) {
    const int ret = mbedtls_ssl_write(
        &state.ssl, reinterpret_cast<const unsigned char*>(plain.data()), plain.size());
    if (ret > 0)
      plain = plain.subspan(static_cast<std::size_t>(ret));
    else if (ret != MBEDTLS_ERR_SSL_WANT_WRITE)
      return state.fail(ret);
  }
  return Status::ok;
}

Engine::Status Engine::close() {
  const int ret = mbedtls_ssl_close_notify(&state_->ssl);
  return ret == 0 ? Status::ok : state_->fail(ret);
}

Bytes& Engine::output() { return state_->output; }
const Error& Engine::failure() const { return state_->failure; }

std::string Engine::version() const {
  return mbedtls_ssl_get_version_number(&state_->ssl) == MBEDTLS_SSL_VERSION_TLS1_3 ? "TLS 1.3"
                                                                                    : "TLS 1.2";
}

std::string Engine::suite() const {
  // mbedTLS writes hyphens where IANA has underscores, and TLS1-3 for TLS
  std::string name = mbedtls_ssl_get_ciphersuite(&state_->ssl);
  if (name.starts_with("TLS1-3-")) name.replace(0, 7, "TLS-");
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string_view Engine::group() const { return state_->server.group(); }

std::string cipher_of(std::string_view suite) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> known = {
      {{"AES_256_GCM", "AES-256-GCM"},
       {"AES_128_GCM", "AES-128-GCM"},
       {"CHACHA20_POLY1305", "ChaCha20-Poly1305"}}};
  for (const auto& [part, cipher] : known)
    if (suite.find(part) != suite.npos) return std::string(cipher);
  return std::string(suite);
}

}  // namespace tunnel::tls
