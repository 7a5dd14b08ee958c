// The TLS policy: versions, suites, groups, and where identity and trust come from.
#include "tls/context.hpp"
#include "x509/library_error.hpp"

#include <fmt/format.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "base/path.hpp"
#include "tls/session_cache.hpp"
#include "tls/tls_error.hpp"
#include "x509/authorities.hpp"
#include "x509/certificates.hpp"
#include "x509/known_servers.hpp"
#include "x509/random.hpp"
#include "x509/revocation.hpp"

#if MBEDTLS_VERSION_NUMBER < 0x03060700
#error "mbedTLS 3.6.7 or newer is needed: older ones have known holes"
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

mbedtls_ssl_protocol_version library_name(config::TlsVersion version) {
  return version == config::TlsVersion::tls12 ? MBEDTLS_SSL_VERSION_TLS1_2
                                              : MBEDTLS_SSL_VERSION_TLS1_3;
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
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
        &config, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
    return 0;
  }
  // a ticket is good for a day; its key is renewed as often and kept for as long again
  constexpr std::uint32_t lifetime = 24 * 60 * 60;
#if MBEDTLS_VERSION_MAJOR < 4
  const int ret = mbedtls_ssl_ticket_setup(&tickets, x509::random_bytes, nullptr,
                                           MBEDTLS_CIPHER_AES_256_GCM, lifetime);
#else
  const int ret = mbedtls_ssl_ticket_setup(&tickets, PSA_ALG_GCM, PSA_KEY_TYPE_AES, 256, lifetime);
#endif
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

using Refuse = std::function<void(const config::Place&, const Error&)>;

std::shared_ptr<const x509::Certificates> load_trust(const config::Service& service,
                                                     x509::AuthorityCache& cache,
                                                     const Refuse& refuse, os::ChainJudge& system) {
  os::SystemTrust trust;
  if (service.system_ca) {
    auto found = os::system_trust();
    if (!found) {
      refuse(service.ca_place.line != 0 ? service.ca_place : service.place, found.error());
      return nullptr;
    }
    trust = std::move(*found);
    system = trust.judge;
  }
  // one file at a time first, so that a mistake has its own place
  bool good = true;
  for (const config::FileRef& file : service.ca) {
    if (auto loaded = cache.load(os::SystemTrust{.paths = {file.path}}); !loaded) {
      refuse(file.place, {"ca: " + loaded.error().what, loaded.error().hint});
      good = false;
    }
    trust.paths.push_back(file.path);
  }
  if (!good) return nullptr;
  auto loaded = cache.load(trust);
  if (loaded) return *loaded;
  refuse(service.place, {"the system's trust store: " + loaded.error().what,
                         "name the authority with ca = \"...\""});
  return nullptr;
}

// The authorities whose clients may come in.
std::shared_ptr<const x509::Certificates> load_client_trust(
    const config::Service& service, x509::AuthorityCache& cache,
    const std::function<void(const config::Place&, const Error&)>& refuse) {
  os::SystemTrust trust;
  bool good = true;
  for (const config::FileRef& file : service.client_ca) {
    if (auto loaded = cache.load({{file.path}, {}}); !loaded) {
      refuse(file.place, {"client_ca: " + loaded.error().what, loaded.error().hint});
      good = false;
    }
    trust.paths.push_back(file.path);
  }
  if (!good) return nullptr;
  auto loaded = cache.load(trust);
  if (loaded) return *loaded;
  refuse(service.place, {"client_ca: " + loaded.error().what, loaded.error().hint});
  return nullptr;
}

void load_own_key(const config::Service& service, std::shared_ptr<x509::PrivateKey>& out,
                  const std::function<void(const config::Place&, const Error&)>& refuse) {
  std::optional<x509::Password> password;
  if (service.key_password_file) {
    auto read = x509::read_password(service.key_password_file->path);
    if (!read)
      return refuse(service.key_password_file->place,
                    {"key_password_file: " + read.error().what, read.error().hint});
    password = std::move(*read);
  }
  auto key = x509::load_key(service.key->path, password ? &*password : nullptr);
  if (!key)
    refuse(service.key->place, {"key: " + key.error().what, key.error().hint});
  else if (password && !(*key)->was_encrypted)
    refuse(service.key_password_file->place,
           {fmt::format("key_password_file does nothing: the key in {} is not encrypted",
                        shown(service.key->path)),
            "remove it"});
  else
    out = *key;
}

// Who the other end must be, beside its chain.
x509::Rules rules_of(const config::Service& service,
                     const std::function<void(const config::Place&, const Error&)>& refuse) {
  x509::Rules rules;
  rules.peer_is_client = !service.client;
  if (!service.client) {
    rules.chain = !service.client_ca.empty();
    rules.pins = service.client_pins;
    rules.names = service.client_names;
    return rules;
  }
  rules.chain = service.verify == config::Verify::full;
  rules.pins = service.pins;
  if (service.verify == config::Verify::first_use) {
    if (auto known = x509::KnownServers::of_this_user())
      rules.known = *known;
    else
      refuse(service.verify_place,
             {"verify = \"first-use\": " + known.error().what, known.error().hint});
  }
  return rules;
}

}  // namespace

std::shared_ptr<const Context> Context::make(const config::Service& service,
                                             config::Mistakes& mistakes, const Tuning& tuning,
                                             x509::AuthorityCache* cache) {
  auto state = build(service, mistakes, tuning, cache);
  return state ? std::shared_ptr<const Context>(new Context(std::move(state))) : nullptr;
}

std::shared_ptr<const Context> Context::for_looking(config::Mistakes& mistakes) {
  config::Service service;
  service.client = true;
  service.verify = config::Verify::pin;
  service.resume = false;
  auto state = build(service, mistakes, {}, nullptr);
  if (!state) return nullptr;
  state->rules.any_key = true;
  return std::shared_ptr<const Context>(new Context(std::move(state)));
}

std::unique_ptr<Context::State> Context::build(const config::Service& service,
                                               config::Mistakes& mistakes, const Tuning& tuning,
                                               x509::AuthorityCache* cache) {
  const std::size_t before = mistakes.size();
  const auto refuse = [&](const config::Place& place, const Error& error) {
    mistakes.push_back(
        {place, fmt::format("service \"{}\"", service.name), error.what, error.hint});
  };
  auto state = std::make_unique<State>();
  state->client = service.client;
  state->tuning = tuning;
  if (service.min_version == config::TlsVersion::tls13) state->versions = Versions::only13;
  if (service.max_version == config::TlsVersion::tls12) state->versions = Versions::only12;
  state->rules = rules_of(service, refuse);
  state->verifies =
      service.client ? service.verify != config::Verify::none : service.authenticates_clients();

  if (psa_crypto_init() != PSA_SUCCESS ||
      mbedtls_ssl_config_defaults(&state->config,
                                  service.client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
                                  MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT) != 0) {
    refuse(service.place,
           {"the TLS library does not start", "is there a working source of randomness?"});
    return nullptr;
  }
  x509::AuthorityCache own;
  x509::AuthorityCache& authorities = cache != nullptr ? *cache : own;
  if (state->verifies && !state->rules.chain)
    state->rules.authorities =
        std::make_shared<const x509::Certificates>();  // mbedTLS insists on a list
  else if (state->verifies)
    state->rules.authorities = service.client
                                   ? load_trust(service, authorities, refuse, state->rules.system)
                                   : load_client_trust(service, authorities, refuse);
  if (state->verifies && service.crl) {
    if (auto lists = x509::load_revocation_lists(service.crl->path))
      state->rules.lists = *lists;
    else
      refuse(service.crl->place, {"crl: " + lists.error().what, lists.error().hint});
  }

  if (service.cert) {
    if (auto chain = x509::load_chain(service.cert->path))
      state->chain = *chain;
    else
      refuse(service.cert->place, {"cert: " + chain.error().what, chain.error().hint});
  }
  if (service.key) {
    load_own_key(service, state->key, refuse);
  }
  if (state->chain && !x509::is_for(state->chain->chain, service.client))
    refuse(service.cert->place, {fmt::format("cert: {} is not for {}", shown(service.cert->path),
                                             service.client ? "clients" : "servers"),
                                 fmt::format("its extended key usage must have {}",
                                             service.client ? "clientAuth" : "serverAuth")});
  if (state->chain && state->key) {
    if (auto pair = x509::check_pair(*state->chain, *state->key); !pair)
      refuse(service.key->place,
             {fmt::format("key: {} does not fit {}: {}", shown(service.key->path),
                          shown(service.cert->path), pair.error().what),
              pair.error().hint});
  }
  if (mistakes.size() != before) return nullptr;

  mbedtls_ssl_config* config = &state->config;
#if MBEDTLS_VERSION_MAJOR < 4
  mbedtls_ssl_conf_rng(config, x509::random_bytes, nullptr);
#endif
  mbedtls_ssl_conf_min_tls_version(config, library_name(service.min_version));
  mbedtls_ssl_conf_max_tls_version(config, library_name(service.max_version));
  mbedtls_ssl_conf_ciphersuites(config, suites);
  mbedtls_ssl_conf_groups(config, groups);
  // resumption, too, with fresh keys (RFC 8446 section 2.2)
  mbedtls_ssl_conf_tls13_key_exchange_modes(config,
                                            MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL);
#if defined(MBEDTLS_SSL_RENEGOTIATION)
  mbedtls_ssl_conf_renegotiation(config, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
  if (service.client)
    mbedtls_ssl_conf_session_tickets(config, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
  if (service.resume) {
    if (const int ret = state->resume(); ret != 0) {
      refuse(service.place, {"resumption cannot be set up: " + x509::code_text(ret), ""});
      return nullptr;
    }
  }
#if defined(MBEDTLS_SSL_SRV_C)
  if (!service.client)
    mbedtls_ssl_conf_preference_order(config, MBEDTLS_SSL_SRV_CIPHERSUITE_ORDER_SERVER);
#endif
  mbedtls_ssl_conf_authmode(
      config, state->verifies ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
  // mbedTLS takes the lists as pointers to non-const, and does not write to them
  const x509::Rules& rules = state->rules;
  if (rules.authorities)
    mbedtls_ssl_conf_ca_chain(
        config, const_cast<mbedtls_x509_crt*>(&rules.authorities->chain),
        rules.lists ? const_cast<mbedtls_x509_crl*>(&rules.lists->first) : nullptr);
  // of a pair that is half unreadable the rest is looked at all the same
  if (state->chain && state->key) {
    if (const int ret = mbedtls_ssl_conf_own_cert(config, &state->chain->chain, &state->key->key);
        ret != 0) {
      refuse(service.cert->place, {"cert: it cannot be used: " + x509::code_text(ret), ""});
      return nullptr;
    }
  }
  return state;
}

std::string library_version() {
  char text[32] = "";
  mbedtls_version_get_string_full(text);
  // "Mbed TLS 3.6.7"
  const std::string full = text;
  return "mbedTLS" + full.substr(std::min(full.rfind(' '), full.size()));
}

}  // namespace tunnel::tls
