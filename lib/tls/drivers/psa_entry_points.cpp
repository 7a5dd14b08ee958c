// Where PSA hands over what it wants done on P-256, X25519 and with RSA.
//
// The names are those that mbedTLS's dispatch calls for its own small P-256 driver, whose place
// this takes; cmake/patches/mbedtls/psa_driver.patch widens four conditions of the dispatch, so
// that X25519 and RSA come here too. What is not for us gets PSA_ERROR_NOT_SUPPORTED, and mbedTLS
// does it itself.
#include <mbedtls/platform_util.h>
#include <psa/crypto.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "tls/drivers/p256.hpp"
#include "tls/drivers/rsa.hpp"
#include "tls/drivers/x25519.hpp"

namespace {

namespace p256 = tunnel::tls::p256;
namespace x25519 = tunnel::tls::x25519;

// A public key of P-256 in PSA's form: 0x04, X, Y (SEC 1 section 2.3.3).
constexpr std::size_t public_size = 1 + p256::point_size;
constexpr std::uint8_t uncompressed = 4;

// On a 32-bit processor AWS-LC has no assembly for P-256, and mbedTLS is several times as fast. Our
// signatures stay with AWS-LC, whose nonces don't come of random bytes alone.
constexpr bool p256_is_fast = sizeof(void*) == 8;

enum class Key { p256_pair, p256_public, x25519_pair, other };

// `bits` may be 0 in an import: then it follows from the length.
Key kind_of(psa_key_type_t type, std::size_t bits) {
  if (type == PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1) && (bits == 256 || bits == 0))
    return Key::p256_pair;
  if (type == PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1) && (bits == 256 || bits == 0))
    return Key::p256_public;
  if (type == PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY) && bits == 255)
    return Key::x25519_pair;
  return Key::other;
}

Key kind_of(const psa_key_attributes_t* attributes) {
  return kind_of(psa_get_key_type(attributes), psa_get_key_bits(attributes));
}

template <std::size_t size>
std::span<const std::uint8_t, size> fixed(const std::uint8_t* data) {
  return std::span<const std::uint8_t, size>(data, size);
}
template <std::size_t size>
std::span<std::uint8_t, size> fixed(std::uint8_t* data) {
  return std::span<std::uint8_t, size>(data, size);
}

bool is_point(const std::uint8_t* data, std::size_t size) {
  return size == public_size && data[0] == uncompressed;
}

// Constructed before the first secret is touched. On release it wipes what the functions called
// since have left on the stack below: AWS-LC's do not clear all of their own frames.
struct CleanStack {
  ~CleanStack() { wipe(); }

 private:
  [[gnu::noinline]] static void wipe() {
    std::array<std::uint8_t, 4096> below;
    mbedtls_platform_zeroize(below.data(), below.size());
  }
};

namespace rsa = tunnel::tls::rsa;

std::optional<rsa::Hash> hash_of(psa_algorithm_t algorithm, std::size_t digest_size) {
  std::optional<rsa::Hash> out;
  switch (PSA_ALG_GET_HASH(algorithm)) {
    case PSA_ALG_SHA_256:
      out = rsa::Hash::sha256;
      break;
    case PSA_ALG_SHA_384:
      out = rsa::Hash::sha384;
      break;
    case PSA_ALG_SHA_512:
      out = rsa::Hash::sha512;
      break;
    default:
      return std::nullopt;
  }
  return digest_size == PSA_HASH_LENGTH(algorithm) ? out : std::nullopt;
}

std::optional<rsa::Padding> padding_of(psa_algorithm_t algorithm) {
  if (PSA_ALG_IS_RSA_PKCS1V15_SIGN(algorithm)) return rsa::Padding::pkcs1;
  if (PSA_ALG_IS_RSA_PSS_ANY_SALT(algorithm)) return rsa::Padding::pss_any_salt;
  if (PSA_ALG_IS_RSA_PSS(algorithm)) return rsa::Padding::pss;
  return std::nullopt;
}

psa_status_t sign_rsa(std::span<const std::uint8_t> key, psa_algorithm_t algorithm,
                      std::span<const std::uint8_t> digest, std::span<std::uint8_t> out,
                      std::size_t* size) {
  const auto hash = hash_of(algorithm, digest.size());
  const auto padding = padding_of(algorithm);
  if (!hash || !padding) return PSA_ERROR_NOT_SUPPORTED;
  return rsa::sign(key, *padding, *hash, digest, out, *size) == rsa::Result::ok
             ? PSA_SUCCESS
             : PSA_ERROR_NOT_SUPPORTED;
}

psa_status_t verify_rsa(std::span<const std::uint8_t> key, psa_algorithm_t algorithm,
                        std::span<const std::uint8_t> digest,
                        std::span<const std::uint8_t> signature) {
  const auto hash = hash_of(algorithm, digest.size());
  const auto padding = padding_of(algorithm);
  if (!hash || !padding) return PSA_ERROR_NOT_SUPPORTED;
  switch (rsa::verify(key, *padding, *hash, digest, signature)) {
    case rsa::Result::ok:
      return PSA_SUCCESS;
    case rsa::Result::wrong:
      return PSA_ERROR_INVALID_SIGNATURE;
    case rsa::Result::unsupported:
      break;
  }
  return PSA_ERROR_NOT_SUPPORTED;
}

}  // namespace

extern "C" {

psa_status_t p256_transparent_import_key(const psa_key_attributes_t* attributes,
                                         const std::uint8_t* data, std::size_t size,
                                         std::uint8_t* key_buffer, std::size_t key_buffer_size,
                                         std::size_t* key_buffer_length, std::size_t* bits) {
  const CleanStack clean;
  switch (kind_of(psa_get_key_type(attributes), *bits)) {
    case Key::p256_pair:
      if (size != p256::scalar_size) return PSA_ERROR_NOT_SUPPORTED;
      if (!p256::is_private_key(fixed<p256::scalar_size>(data))) return PSA_ERROR_INVALID_ARGUMENT;
      break;
    case Key::p256_public:
      if (!is_point(data, size)) return PSA_ERROR_NOT_SUPPORTED;
      if (!p256::is_public_key(fixed<p256::point_size>(data + 1)))
        return PSA_ERROR_INVALID_ARGUMENT;
      break;
    case Key::x25519_pair:  // rare
    case Key::other:
      return PSA_ERROR_NOT_SUPPORTED;
  }
  if (key_buffer_size < size) return PSA_ERROR_BUFFER_TOO_SMALL;
  std::copy_n(data, size, key_buffer);
  *key_buffer_length = size;
  *bits = 256;
  return PSA_SUCCESS;
}

psa_status_t p256_transparent_export_public_key(const psa_key_attributes_t* attributes,
                                                const std::uint8_t* key, std::size_t key_size,
                                                std::uint8_t* out, std::size_t out_size,
                                                std::size_t* out_length) {
  const CleanStack clean;
  switch (kind_of(attributes)) {
    case Key::p256_pair:
      if (key_size != p256::scalar_size) return PSA_ERROR_NOT_SUPPORTED;
      if (out_size < public_size) return PSA_ERROR_BUFFER_TOO_SMALL;
      out[0] = uncompressed;
      if (!p256::public_key(fixed<p256::scalar_size>(key), fixed<p256::point_size>(out + 1)))
        return PSA_ERROR_INVALID_ARGUMENT;
      *out_length = public_size;
      return PSA_SUCCESS;
    case Key::x25519_pair:
      if (key_size != x25519::size) return PSA_ERROR_NOT_SUPPORTED;
      if (out_size < x25519::size) return PSA_ERROR_BUFFER_TOO_SMALL;
      x25519::public_key(fixed<x25519::size>(key), fixed<x25519::size>(out));
      *out_length = x25519::size;
      return PSA_SUCCESS;
    case Key::p256_public:
    case Key::other:
      break;
  }
  return PSA_ERROR_NOT_SUPPORTED;
}

psa_status_t p256_transparent_generate_key(const psa_key_attributes_t* attributes,
                                           std::uint8_t* key, std::size_t key_size,
                                           std::size_t* key_length) {
  const CleanStack clean;
  const Key kind = kind_of(attributes);
  if (kind != Key::p256_pair && kind != Key::x25519_pair) return PSA_ERROR_NOT_SUPPORTED;
  static_assert(p256::scalar_size == x25519::size);
  if (key_size < x25519::size) return PSA_ERROR_BUFFER_TOO_SMALL;
  // one in 2^32 lies above the order of P-256; more in a row than this, and memory has run out
  for (int attempt = 0; attempt < 4; ++attempt) {
    if (const psa_status_t status = psa_generate_random(key, x25519::size); status != PSA_SUCCESS)
      return status;
    if (kind == Key::x25519_pair)
      x25519::clamp(fixed<x25519::size>(key));
    else if (!p256::is_private_key(fixed<p256::scalar_size>(key)))
      continue;
    *key_length = x25519::size;
    return PSA_SUCCESS;
  }
  return PSA_ERROR_INSUFFICIENT_MEMORY;
}

psa_status_t p256_transparent_key_agreement(const psa_key_attributes_t* attributes,
                                            const std::uint8_t* key, std::size_t key_size,
                                            psa_algorithm_t, const std::uint8_t* peer,
                                            std::size_t peer_size, std::uint8_t* secret,
                                            std::size_t secret_size, std::size_t* secret_length) {
  const CleanStack clean;
  const Key kind = kind_of(attributes);
  if (kind != Key::x25519_pair && !(kind == Key::p256_pair && p256_is_fast))
    return PSA_ERROR_NOT_SUPPORTED;
  if (key_size != x25519::size) return PSA_ERROR_INVALID_ARGUMENT;
  if (secret_size < x25519::size) return PSA_ERROR_BUFFER_TOO_SMALL;
  if (kind == Key::p256_pair) {
    if (!is_point(peer, peer_size) ||
        !p256::agree(fixed<p256::scalar_size>(key), fixed<p256::point_size>(peer + 1),
                     fixed<p256::scalar_size>(secret)))
      return PSA_ERROR_INVALID_ARGUMENT;
  } else {
    if (peer_size != x25519::size ||
        !x25519::agree(fixed<x25519::size>(key), fixed<x25519::size>(peer),
                       fixed<x25519::size>(secret)))
      return PSA_ERROR_INVALID_ARGUMENT;
  }
  *secret_length = x25519::size;
  return PSA_SUCCESS;
}

psa_status_t p256_transparent_sign_hash(const psa_key_attributes_t* attributes,
                                        const std::uint8_t* key, std::size_t key_size,
                                        psa_algorithm_t algorithm, const std::uint8_t* hash,
                                        std::size_t hash_size, std::uint8_t* signature,
                                        std::size_t signature_size, std::size_t* signature_length) {
  if (psa_get_key_type(attributes) == PSA_KEY_TYPE_RSA_KEY_PAIR)
    return sign_rsa({key, key_size}, algorithm, {hash, hash_size}, {signature, signature_size},
                    signature_length);
  const CleanStack clean;
  if (kind_of(attributes) != Key::p256_pair) return PSA_ERROR_NOT_SUPPORTED;
  if (key_size != p256::scalar_size) return PSA_ERROR_INVALID_ARGUMENT;
  if (signature_size < p256::signature_size) return PSA_ERROR_BUFFER_TOO_SMALL;
  if (!p256::sign(fixed<p256::scalar_size>(key), {hash, hash_size},
                  fixed<p256::signature_size>(signature)))
    return PSA_ERROR_INSUFFICIENT_MEMORY;  // the key was checked when it was imported
  *signature_length = p256::signature_size;
  return PSA_SUCCESS;
}

psa_status_t p256_transparent_verify_hash(const psa_key_attributes_t* attributes,
                                          const std::uint8_t* key, std::size_t key_size,
                                          psa_algorithm_t algorithm, const std::uint8_t* hash,
                                          std::size_t hash_size, const std::uint8_t* signature,
                                          std::size_t signature_size) {
  if (psa_get_key_type(attributes) == PSA_KEY_TYPE_RSA_PUBLIC_KEY)
    return verify_rsa({key, key_size}, algorithm, {hash, hash_size}, {signature, signature_size});
  if (!p256_is_fast) return PSA_ERROR_NOT_SUPPORTED;
  std::array<std::uint8_t, p256::point_size> own;
  const std::uint8_t* point = own.data();
  switch (kind_of(attributes)) {
    case Key::p256_pair:
      if (key_size != p256::scalar_size || !p256::public_key(fixed<p256::scalar_size>(key), own))
        return PSA_ERROR_INVALID_ARGUMENT;
      break;
    case Key::p256_public:
      if (!is_point(key, key_size)) return PSA_ERROR_INVALID_ARGUMENT;
      point = key + 1;
      break;
    case Key::x25519_pair:
    case Key::other:
      return PSA_ERROR_NOT_SUPPORTED;
  }
  const bool good = signature_size == p256::signature_size &&
                    p256::verify(fixed<p256::point_size>(point), {hash, hash_size},
                                 fixed<p256::signature_size>(signature));
  return good ? PSA_SUCCESS : PSA_ERROR_INVALID_SIGNATURE;
}

}  // extern "C"
