// What differs between mbedTLS 3.6 and 4.x in TLS, under one name.
#pragma once

#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>
#include <psa/crypto.h>

#include <cstdint>
#include <string>

#include "x509/random.hpp"

namespace tunnel::tls {

#if MBEDTLS_VERSION_MAJOR < 4
constexpr int out_of_memory = MBEDTLS_ERR_SSL_ALLOC_FAILED;
constexpr int bad_input = MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
#else
constexpr int out_of_memory = PSA_ERROR_INSUFFICIENT_MEMORY;
constexpr int bad_input = PSA_ERROR_INVALID_ARGUMENT;
#endif

// 4.x always draws from PSA's generator.
inline void use_psa_random([[maybe_unused]] mbedtls_ssl_config& config) {
#if MBEDTLS_VERSION_MAJOR < 4
  mbedtls_ssl_conf_rng(&config, x509::random_bytes, nullptr);
#endif
}

// Tickets of AES-256-GCM; `lifetime` in seconds.
inline int set_up_tickets(mbedtls_ssl_ticket_context& tickets, std::uint32_t lifetime) {
#if MBEDTLS_VERSION_MAJOR < 4
  return mbedtls_ssl_ticket_setup(&tickets, x509::random_bytes, nullptr, MBEDTLS_CIPHER_AES_256_GCM,
                                  lifetime);
#else
  return mbedtls_ssl_ticket_setup(&tickets, PSA_ALG_GCM, PSA_KEY_TYPE_AES, 256, lifetime);
#endif
}

// Has a TLS 1.3 client told of each ticket that comes, as 4.x does without being asked.
inline void signal_new_tickets([[maybe_unused]] mbedtls_ssl_config& config) {
#if defined(MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED)
  mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
      &config, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
#endif
}

// "Mbed TLS 3.6.7"
inline std::string full_version() {
#if MBEDTLS_VERSION_MAJOR < 4
  char text[32] = "";
  mbedtls_version_get_string_full(text);
  return text;
#else
  return mbedtls_version_get_string_full();
#endif
}

}  // namespace tunnel::tls
