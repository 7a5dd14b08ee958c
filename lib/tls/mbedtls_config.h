/* Our build options for mbedTLS 3.6, which includes this file after its own configuration (MBEDTLS_USER_CONFIG_FILE). */
#include "mbedtls_tls_config.h"

/* One configuration serves every worker thread. */
#define MBEDTLS_THREADING_C
#define MBEDTLS_THREADING_PTHREAD

/* AEAD only. CBC mode is here for the files of encrypted private keys (PBES2, and what PEM had before), and so are DES,
 * MD5 and padding; context.cpp names the suites, and none of CBC is among them. */
#undef MBEDTLS_CIPHER_PADDING_ONE_AND_ZEROS
#undef MBEDTLS_CIPHER_PADDING_ZEROS_AND_LEN
#undef MBEDTLS_CIPHER_PADDING_ZEROS
#undef MBEDTLS_CIPHER_MODE_CFB
#undef MBEDTLS_CIPHER_MODE_OFB
#undef MBEDTLS_CIPHER_MODE_XTS
#undef MBEDTLS_CIPHER_NULL_CIPHER
#undef MBEDTLS_CAMELLIA_C
#undef MBEDTLS_ARIA_C
#undef MBEDTLS_CCM_C
#undef MBEDTLS_NIST_KW_C

/* Curves: X25519, P-256, P-384, P-521 (the last for certificates). */
#undef MBEDTLS_ECP_DP_SECP192R1_ENABLED
#undef MBEDTLS_ECP_DP_SECP224R1_ENABLED
#undef MBEDTLS_ECP_DP_SECP192K1_ENABLED
#undef MBEDTLS_ECP_DP_SECP224K1_ENABLED
#undef MBEDTLS_ECP_DP_SECP256K1_ENABLED
#undef MBEDTLS_ECP_DP_BP256R1_ENABLED
#undef MBEDTLS_ECP_DP_BP384R1_ENABLED
#undef MBEDTLS_ECP_DP_BP512R1_ENABLED
#undef MBEDTLS_ECP_DP_CURVE448_ENABLED

/* With our driver for P-256, X25519 and RSA (lib/tls/drivers) certificates, keys and TLS 1.2 go through PSA too, which
 * without one would cost a quarter more. The driver signs with nonces made of the key, the message and random bytes;
 * mbedTLS would ask for ones without random bytes, and no driver is asked for those. */
#if defined(TUNNEL_PSA_DRIVER)
#define MBEDTLS_USE_PSA_CRYPTO
#define MBEDTLS_PSA_P256M_DRIVER_ENABLED
#undef MBEDTLS_ECDSA_DETERMINISTIC
#undef MBEDTLS_HMAC_DRBG_C
#endif

/* Parts that nothing here calls. */
#undef MBEDTLS_DHM_C
#undef MBEDTLS_ECJPAKE_C
#undef MBEDTLS_SELF_TEST
#undef MBEDTLS_PADLOCK_C
#undef MBEDTLS_LMS_C
#undef MBEDTLS_RIPEMD160_C
#undef MBEDTLS_SHA3_C
#undef MBEDTLS_PKCS12_C
#undef MBEDTLS_PSA_CRYPTO_STORAGE_C
#undef MBEDTLS_PSA_ITS_FILE_C
