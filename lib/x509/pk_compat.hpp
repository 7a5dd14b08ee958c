// What differs between mbedTLS 3.6 and 4.x in keys, certificates and codes, under one name.
//
// 4.x draws its own random bytes, and gives one code where 3.6 adds one of a lower layer to one of
// X.509.
#pragma once

#include <mbedtls/asn1.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/version.h>
#include <mbedtls/x509.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>

#include <span>

#include "x509/random.hpp"

namespace tunnel::x509 {

#if MBEDTLS_VERSION_MAJOR >= 4

inline int parse_key(mbedtls_pk_context& key, std::span<const unsigned char> bytes,
                     std::span<const unsigned char> password) {
  return mbedtls_pk_parse_key(&key, bytes.data(), bytes.size(), password.data(), password.size());
}

inline int compare_pair(const mbedtls_pk_context& public_key, const mbedtls_pk_context& pair) {
  return mbedtls_pk_check_pair(&public_key, &pair);
}

inline int sign_digest(mbedtls_pk_context& key, mbedtls_md_type_t algorithm,
                       std::span<const unsigned char> digest, std::span<unsigned char> out,
                       std::size_t& size) {
  return mbedtls_pk_sign(&key, algorithm, digest.data(), digest.size(), out.data(), out.size(),
                         &size);
}

inline int write_pem(mbedtls_x509write_cert& certificate, std::span<unsigned char> out) {
  return mbedtls_x509write_crt_pem(&certificate, out.data(), out.size());
}

constexpr int out_of_memory = PSA_ERROR_INSUFFICIENT_MEMORY;
// A malformed certificate has this code, too.
constexpr int unknown_critical_extension = MBEDTLS_ERR_ASN1_UNEXPECTED_TAG;
constexpr int unknown_signature = MBEDTLS_ERR_X509_UNKNOWN_OID;

// Where 3.6 has a sum with a code of X.509.
constexpr bool is_of_asn1(int code) {
  constexpr int first = MBEDTLS_ERR_ASN1_OUT_OF_DATA;  // -0x60
  constexpr int last = MBEDTLS_ERR_ASN1_INVALID_DATA;  // -0x68
  return code <= first && code >= last;
}

#else

inline int parse_key(mbedtls_pk_context& key, std::span<const unsigned char> bytes,
                     std::span<const unsigned char> password) {
  return mbedtls_pk_parse_key(&key, bytes.data(), bytes.size(), password.data(), password.size(),
                              random_bytes, nullptr);
}

inline int compare_pair(const mbedtls_pk_context& public_key, const mbedtls_pk_context& pair) {
  return mbedtls_pk_check_pair(&public_key, &pair, random_bytes, nullptr);
}

inline int sign_digest(mbedtls_pk_context& key, mbedtls_md_type_t algorithm,
                       std::span<const unsigned char> digest, std::span<unsigned char> out,
                       std::size_t& size) {
  return mbedtls_pk_sign(&key, algorithm, digest.data(), digest.size(), out.data(), out.size(),
                         &size, random_bytes, nullptr);
}

inline int write_pem(mbedtls_x509write_cert& certificate, std::span<unsigned char> out) {
  return mbedtls_x509write_crt_pem(&certificate, out.data(), out.size(), random_bytes, nullptr);
}

constexpr int out_of_memory = MBEDTLS_ERR_X509_ALLOC_FAILED;
constexpr int unknown_critical_extension =
    MBEDTLS_ERR_X509_INVALID_EXTENSIONS + MBEDTLS_ERR_ASN1_UNEXPECTED_TAG;
constexpr int unknown_signature = MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG + MBEDTLS_ERR_OID_NOT_FOUND;

constexpr bool is_of_asn1(int) { return false; }

#endif

// PSA's type of a public key; 0 for one that can't verify signatures.
inline psa_key_type_t type_of(const mbedtls_pk_context& key) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  if (mbedtls_pk_get_psa_attributes(&key, PSA_KEY_USAGE_VERIFY_HASH, &attributes) != 0)
    return PSA_KEY_TYPE_NONE;
  const psa_key_type_t type = psa_get_key_type(&attributes);
  psa_reset_key_attributes(&attributes);
  return type;
}

inline bool is_rsa(const mbedtls_pk_context& key) { return PSA_KEY_TYPE_IS_RSA(type_of(key)); }

}  // namespace tunnel::x509
