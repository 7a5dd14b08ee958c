// The TLS policy: versions, suites, groups, and where identity and trust come from.
#include "tls/context.hpp"
#include "x509/library_error.hpp"

#include <fmt/format.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>

#include <algorithm>

#include "tls/option_loader.hpp"
#include "tls/session_cache.hpp"
#include "tls/ssl_compat.hpp"
#include "x509/authorities.hpp"
#include "x509/certificates.hpp"
#include "x509/revocation.hpp"

#if MBEDTLS_VERSION_NUMBER < 0x03060700 || \
    (MBEDTLS_VERSION_MAJOR == 4 && MBEDTLS_VERSION_NUMBER < 0x04010000)
#error "mbedTLS 3.6.7 or newer, or 4.1 or newer, is needed: older ones have known holes"
#endif
#if !defined(MBEDTLS_THREADING_C)
#error "this mbedTLS was built without MBEDTLS_THREADING_C"
#endif

namespace tunnel::tls {

namespace {

// AEAD with forward secrecy only; AES-256-GCM first, since most machines have it in hardware.
constexpr int suites[] = {
    MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
    MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
    MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    0,
};

constexpr uint16_t groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};

mbedtls_ssl_protocol_version library_name(Version version) {
  return version == Version::tls12 ? MBEDTLS_SSL_VERSION_TLS1_2 : MBEDTLS_SSL_VERSION_TLS1_3;
}

}  // namespace

struct Context::State {
  State() {
    mbedtls_ssl_config_init(&config);
    mbedtls_ssl_ticket_init(&tickets);
  }
  ~State() {
    mbedtls_ssl_config_free(&config);
    mbedtls_ssl_ticket_free(&tickets);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  int resume();

  // The configuration points into the four below, and is freed first.
  x509::Rules rules;
  std::shared_ptr<x509::Certificates> chain;
  std::shared_ptr<x509::PrivateKey> key;
  mbedtls_ssl_ticket_context tickets;  // a server's: its keys live here, and nowhere else
  mbedtls_ssl_config config;
  bool client = false;
  bool verifies = false;
  Versions versions = Versions::both;
  Tuning tuning;
  std::unique_ptr<SessionCache> sessions;
};

// Lets sessions be resumed. A new context knows none of those of an earlier one.
int Context::State::resume() {
  if (client) {
    sessions = std::make_unique<SessionCache>();
    mbedtls_ssl_conf_session_tickets(&config, MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
    signal_new_tickets(config);
    return 0;
  }
  // a ticket is good for a day; its key is renewed as often and kept for as long again
  constexpr std::uint32_t lifetime = 24 * 60 * 60;
  const int ret = set_up_tickets(tickets, lifetime);
  if (ret == 0)
    mbedtls_ssl_conf_session_tickets_cb(&config, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse,
                                        &tickets);
  return ret;
}

Context::Context(std::unique_ptr<State> state) : state_(std::move(state)) {}
Context::~Context() = default;

const mbedtls_ssl_config* Context::config() const { return &state_->config; }
bool Context::client() const { return state_->client; }
bool Context::verifies() const { return state_->verifies; }
const x509::Rules& Context::rules() const { return state_->rules; }
Versions Context::versions() const { return state_->versions; }
bool Context::has_certificate() const { return state_->chain != nullptr; }
SessionCache* Context::sessions() const { return state_->sessions.get(); }
bool Context::own_records() const { return state_->tuning.own_records; }
const RecordSettings& Context::records() const { return state_->tuning.records; }

namespace {

Versions versions_of(const Options& options) {
  if (options.min_version == Version::tls13) return Versions::only13;
  if (options.max_version == Version::tls12) return Versions::only12;
  return Versions::both;
}

// What is the same for all contexts.
void set_policy(mbedtls_ssl_config* config, const Options& options) {
  use_psa_random(*config);
  mbedtls_ssl_conf_min_tls_version(config, library_name(options.min_version));
  mbedtls_ssl_conf_max_tls_version(config, library_name(options.max_version));
  mbedtls_ssl_conf_ciphersuites(config, suites);
  mbedtls_ssl_conf_groups(config, groups);
  // resumption, too, with fresh keys (RFC 8446 section 2.2)
  mbedtls_ssl_conf_tls13_key_exchange_modes(config,
                                            MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL);
#if defined(MBEDTLS_SSL_EARLY_DATA)
  mbedtls_ssl_conf_early_data(config, MBEDTLS_SSL_EARLY_DATA_DISABLED);
#endif
#if defined(MBEDTLS_SSL_RENEGOTIATION)
  mbedtls_ssl_conf_renegotiation(config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
  if (options.client)
    mbedtls_ssl_conf_session_tickets(config, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
#if defined(MBEDTLS_SSL_SRV_C)
  if (!options.client)
    mbedtls_ssl_conf_preference_order(config, MBEDTLS_SSL_SRV_CIPHERSUITE_ORDER_SERVER);
#endif
  mbedtls_ssl_conf_authmode(
      config, options.verifies() ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
}

}  // namespace

std::shared_ptr<const Context> Context::make(const Options& options,
                                             std::vector<OptionError>& errors, const Tuning& tuning,
                                             x509::AuthorityCache* cache) {
  auto state = build(options, errors, tuning, cache);
  return state ? std::shared_ptr<const Context>(new Context(std::move(state))) : nullptr;
}

std::unique_ptr<Context::State> Context::build(const Options& options,
                                               std::vector<OptionError>& errors,
                                               const Tuning& tuning, x509::AuthorityCache* cache) {
  const std::size_t before = errors.size();
  x509::AuthorityCache own(options.files);
  OptionLoader loader(options, errors, cache != nullptr ? *cache : own);
  auto state = std::make_unique<State>();
  state->client = options.client;
  state->verifies = options.verifies();
  state->versions = versions_of(options);
  state->tuning = tuning;
  mbedtls_ssl_config* config = &state->config;
  if (psa_crypto_init() != PSA_SUCCESS ||
      mbedtls_ssl_config_defaults(config,
                                  options.client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
                                  MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT) != 0) {
    loader.refuse(OptionError::Field::none,
                  {"the TLS library does not start", "is there a working source of randomness?"});
    return nullptr;
  }
  state->rules = loader.rules();
  state->chain = loader.chain();
  state->key = loader.key();
  loader.check_identity(state->chain.get(), state->key.get());
  if (errors.size() != before) return nullptr;

  set_policy(config, options);
  if (options.resume) {
    if (const int ret = state->resume(); ret != 0) {
      loader.refuse(OptionError::Field::none,
                    {"resumption cannot be set up: " + x509::code_text(ret), ""});
      return nullptr;
    }
  }
  // mbedTLS takes the lists as pointers to non-const, and does not write to them
  const x509::Rules& rules = state->rules;
  if (rules.authorities)
    mbedtls_ssl_conf_ca_chain(
        config, const_cast<mbedtls_x509_crt*>(&rules.authorities->chain),
        rules.lists ? const_cast<mbedtls_x509_crl*>(&rules.lists->first) : nullptr);
  if (state->chain && state->key) {
    if (const int ret = mbedtls_ssl_conf_own_cert(config, &state->chain->chain, &state->key->key);
        ret != 0) {
      loader.refuse(OptionError::Field::certificate,
                    {"it cannot be used: " + x509::code_text(ret), ""});
      return nullptr;
    }
  }
  return state;
}

std::string library_version() {
  const std::string full = full_version();
  return "mbedTLS" + full.substr(std::min(full.rfind(' '), full.size()));
}

}  // namespace tunnel::tls
