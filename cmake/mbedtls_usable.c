/* Compiles only if mbedTLS was built with what the code needs. cmake/mbedtls.cmake shows what follows "without". */
#include <mbedtls/build_info.h>
#include <psa/crypto.h>

/* All worker threads share one configuration, and each connection keeps its own keys. */
#if !defined(MBEDTLS_THREADING_C) || !defined(MBEDTLS_THREADING_PTHREAD)
#error "without locks (MBEDTLS_THREADING_PTHREAD)"
#endif
#if MBEDTLS_VERSION_MAJOR >= 4 && !defined(MBEDTLS_PSA_KEY_STORE_DYNAMIC)
#error "without a key store that grows (MBEDTLS_PSA_KEY_STORE_DYNAMIC)"
#endif

#if !defined(MBEDTLS_SSL_PROTO_TLS1_2) || !defined(MBEDTLS_SSL_PROTO_TLS1_3)
#error "without TLS 1.2 or TLS 1.3 (MBEDTLS_SSL_PROTO_...)"
#endif
#if !defined(MBEDTLS_SSL_CLI_C) || !defined(MBEDTLS_SSL_SRV_C)
#error "without the client's or the server's role (MBEDTLS_SSL_CLI_C, MBEDTLS_SSL_SRV_C)"
#endif
#if !defined(MBEDTLS_SSL_SESSION_TICKETS) || !defined(MBEDTLS_SSL_TICKET_C)
#error "without session tickets (MBEDTLS_SSL_SESSION_TICKETS, MBEDTLS_SSL_TICKET_C)"
#endif
#if !defined(MBEDTLS_SSL_SERVER_NAME_INDICATION)
#error "without server names (MBEDTLS_SSL_SERVER_NAME_INDICATION)"
#endif
#if !defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)
#error "without the peer's certificate (MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)"
#endif
#if !defined(MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED) || !defined(MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED) || \
    !defined(MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ENABLED) || \
    !defined(MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL_ENABLED)
#error "without one of the key exchanges (MBEDTLS_..._ECDHE_..., MBEDTLS_SSL_TLS1_3_..._EPHEMERAL_ENABLED)"
#endif

#if !defined(MBEDTLS_X509_CRT_PARSE_C) || !defined(MBEDTLS_X509_CRL_PARSE_C) || !defined(MBEDTLS_X509_CRT_WRITE_C)
#error "without reading or writing certificates, or reading lists of revoked ones (MBEDTLS_X509_...)"
#endif
#if !defined(MBEDTLS_PEM_PARSE_C) || !defined(MBEDTLS_PEM_WRITE_C) || !defined(MBEDTLS_PK_PARSE_C) || \
    !defined(MBEDTLS_PK_WRITE_C)
#error "without reading or writing keys and PEM (MBEDTLS_PEM_..., MBEDTLS_PK_...)"
#endif
#if !defined(MBEDTLS_HAVE_TIME_DATE)
#error "without the date (MBEDTLS_HAVE_TIME_DATE)"
#endif
#if !defined(MBEDTLS_ERROR_C) || !defined(MBEDTLS_VERSION_C)
#error "without its words for errors, or its version (MBEDTLS_ERROR_C, MBEDTLS_VERSION_C)"
#endif

/* 3.6 derives these from its older options. */
#if !defined(MBEDTLS_PSA_CRYPTO_C)
#error "without PSA (MBEDTLS_PSA_CRYPTO_C)"
#endif
#if !defined(PSA_WANT_KEY_TYPE_AES) || !defined(PSA_WANT_ALG_GCM) || !defined(PSA_WANT_ALG_CHACHA20_POLY1305)
#error "without AES-GCM or ChaCha20-Poly1305 (PSA_WANT_ALG_...)"
#endif
#if !defined(PSA_WANT_ALG_SHA_256) || !defined(PSA_WANT_ALG_SHA_384) || !defined(PSA_WANT_ALG_SHA_512)
#error "without SHA-256, SHA-384 or SHA-512 (PSA_WANT_ALG_...)"
#endif
#if !defined(PSA_WANT_ALG_ECDH) || !defined(PSA_WANT_ALG_ECDSA) || !defined(PSA_WANT_ECC_MONTGOMERY_255) || \
    !defined(PSA_WANT_ECC_SECP_R1_256) || !defined(PSA_WANT_ECC_SECP_R1_384)
#error "without ECDH, ECDSA, X25519, P-256 or P-384 (PSA_WANT_ALG_..., PSA_WANT_ECC_...)"
#endif
#if !defined(PSA_WANT_ALG_RSA_PKCS1V15_SIGN) || !defined(PSA_WANT_ALG_RSA_PSS)
#error "without RSA (PSA_WANT_ALG_RSA_...)"
#endif

int main(void) { return psa_crypto_init() == PSA_SUCCESS ? 0 : 1; }
