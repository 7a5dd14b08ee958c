/* Our build options for TLS and X.509 in mbedTLS: TLS 1.2 and 1.3 over streams, AEAD with forward secrecy.
 *
 * Included at the end of mbedTLS's own configuration: by mbedtls_config.h for 3.6, and as MBEDTLS_USER_CONFIG_FILE for
 * 4.x, which reads the rest from mbedtls_crypto_config.h. A packaged mbedTLS has everything; context.cpp holds it to the
 * same policy at run time. */

/* No 0-RTT: context.cpp turns it off. It is compiled so that a server skips what a client sends that has a ticket of
 * an earlier server at the same name (RFC 8446 section 4.2.10), and does not take it for an attack. */
#define MBEDTLS_SSL_EARLY_DATA

/* No renegotiation, no DTLS, no version or extension that nobody asks for. */
#undef MBEDTLS_SSL_RENEGOTIATION
#undef MBEDTLS_SSL_PROTO_DTLS
#undef MBEDTLS_SSL_DTLS_CONNECTION_ID
#undef MBEDTLS_SSL_DTLS_CONNECTION_ID_COMPAT
#undef MBEDTLS_SSL_DTLS_ANTI_REPLAY
#undef MBEDTLS_SSL_DTLS_HELLO_VERIFY
#undef MBEDTLS_SSL_DTLS_CLIENT_PORT_REUSE
#undef MBEDTLS_SSL_COOKIE_C
#undef MBEDTLS_SSL_CONTEXT_SERIALIZATION
#undef MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
#undef MBEDTLS_SSL_CACHE_C
#undef MBEDTLS_SSL_ENCRYPT_THEN_MAC

/* Key exchange with forward secrecy and certificates only. 4.x has fewer to turn off. */
#undef MBEDTLS_KEY_EXCHANGE_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_DHE_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_ECDHE_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_RSA_PSK_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_RSA_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_DHE_RSA_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_ECDH_ECDSA_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_ECDH_RSA_ENABLED
#undef MBEDTLS_KEY_EXCHANGE_ECJPAKE_ENABLED
#undef MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_ENABLED

/* Parts that nothing here calls. */
#undef MBEDTLS_DEBUG_C
#undef MBEDTLS_NET_C
#undef MBEDTLS_TIMING_C
#undef MBEDTLS_PKCS7_C
#undef MBEDTLS_X509_CSR_PARSE_C
#undef MBEDTLS_X509_CSR_WRITE_C
