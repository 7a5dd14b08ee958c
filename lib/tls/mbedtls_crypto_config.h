/* Our build options for the cryptography of mbedTLS 4.x (TF-PSA-Crypto), which includes this file after its own
 * configuration (TF_PSA_CRYPTO_USER_CONFIG_FILE). They match mbedtls_config.h, for 3.6. 4.x has no DES, so it can't read a
 * private key encrypted with DES. */

/* One configuration serves every worker thread. */
#undef MBEDTLS_THREADING_C
#define MBEDTLS_THREADING_C
#undef MBEDTLS_THREADING_PTHREAD
#define MBEDTLS_THREADING_PTHREAD

/* Each connection keeps its own keys in the PSA key store. */
#undef MBEDTLS_PSA_KEY_STORE_DYNAMIC
#define MBEDTLS_PSA_KEY_STORE_DYNAMIC

/* AEAD only. CBC mode and MD5 are here for the files of encrypted private keys (PBES2, and what PEM had before);
 * context.cpp names the suites, and none of CBC is among them. */
#undef PSA_WANT_ALG_CCM
#undef PSA_WANT_ALG_CCM_STAR_NO_TAG
#undef PSA_WANT_ALG_CFB
#undef PSA_WANT_ALG_OFB
#undef PSA_WANT_ALG_XTS
#undef PSA_WANT_KEY_TYPE_ARIA
#undef PSA_WANT_KEY_TYPE_CAMELLIA

/* Curves: X25519, P-256, P-384, P-521 (the last for certificates). */
#undef PSA_WANT_ECC_BRAINPOOL_P_R1_256
#undef PSA_WANT_ECC_BRAINPOOL_P_R1_384
#undef PSA_WANT_ECC_BRAINPOOL_P_R1_512
#undef PSA_WANT_ECC_MONTGOMERY_448
#undef PSA_WANT_ECC_SECP_K1_192
#undef PSA_WANT_ECC_SECP_K1_256
#undef PSA_WANT_ECC_SECP_R1_192

/* No Diffie-Hellman over finite fields. */
#undef PSA_WANT_ALG_FFDH
#undef PSA_WANT_KEY_TYPE_DH_PUBLIC_KEY
#undef PSA_WANT_KEY_TYPE_DH_KEY_PAIR_BASIC
#undef PSA_WANT_KEY_TYPE_DH_KEY_PAIR_IMPORT
#undef PSA_WANT_KEY_TYPE_DH_KEY_PAIR_EXPORT
#undef PSA_WANT_KEY_TYPE_DH_KEY_PAIR_GENERATE
#undef PSA_WANT_DH_RFC7919_2048
#undef PSA_WANT_DH_RFC7919_3072
#undef PSA_WANT_DH_RFC7919_4096
#undef PSA_WANT_DH_RFC7919_6144
#undef PSA_WANT_DH_RFC7919_8192

/* Our driver for P-256, X25519 and RSA (lib/tls/drivers). It signs with nonces made of the key, the message and random
 * bytes; mbedTLS would ask for ones without random bytes, and no driver is asked for those. Where it declines, mbedTLS's
 * own P-256 does the work, which is compiled because no driver can derive keys (PSA_WANT_KEY_TYPE_ECC_KEY_PAIR_DERIVE
 * stays). */
#if defined(TUNNEL_PSA_DRIVER)
#define MBEDTLS_PSA_P256M_DRIVER_ENABLED
#undef PSA_WANT_ALG_DETERMINISTIC_ECDSA
#undef MBEDTLS_HMAC_DRBG_C
#endif

/* Parts that nothing here calls. */
#undef PSA_WANT_ALG_JPAKE
#undef PSA_WANT_ALG_PBKDF2_AES_CMAC_PRF_128
#undef PSA_WANT_ALG_RIPEMD160
#undef PSA_WANT_ALG_SHA3_224
#undef PSA_WANT_ALG_SHA3_256
#undef PSA_WANT_ALG_SHA3_384
#undef PSA_WANT_ALG_SHA3_512
#undef MBEDTLS_LMS_C
#undef MBEDTLS_NIST_KW_C
#undef MBEDTLS_PSA_CRYPTO_STORAGE_C
#undef MBEDTLS_PSA_ITS_FILE_C
#undef MBEDTLS_SELF_TEST
