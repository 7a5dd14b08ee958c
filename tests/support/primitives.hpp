// Keys, secrets, signatures and numbers for tests of P-256 and X25519, in the fewest words.
#pragma once

#include <psa/crypto.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "support/certificates.hpp"

namespace tunnel::test {

using Octets = std::vector<std::uint8_t>;

inline Octets hex(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; };
  Octets out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(digit(text[i]) << 4 | digit(text[i + 1])));
  return out;
}

inline Octets operator+(Octets a, const Octets& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// A volatile PSA key; null where PSA refuses it.
class PsaKey {
 public:
  enum class Kind { p256_pair, p256_public, x25519_pair };

  PsaKey(Kind kind, const Octets& bytes) {
    const psa_key_attributes_t attributes = attributes_of(kind);
    psa_import_key(&attributes, bytes.data(), bytes.size(), &id_);
  }
  explicit PsaKey(Kind kind) {
    const psa_key_attributes_t attributes = attributes_of(kind);
    if (psa_generate_key(&attributes, &id_) != PSA_SUCCESS) throw std::runtime_error("no new key");
  }
  ~PsaKey() { psa_destroy_key(id_); }
  PsaKey(const PsaKey&) = delete;
  PsaKey& operator=(const PsaKey&) = delete;

  explicit operator bool() const { return id_ != PSA_KEY_ID_NULL; }

  Octets private_bytes() const { return exported(psa_export_key); }
  Octets public_bytes() const { return exported(psa_export_public_key); }

  // The shared secret; nothing where the peer's key is refused.
  std::optional<Octets> agree(const Octets& peer) const {
    Octets out(PSA_RAW_KEY_AGREEMENT_OUTPUT_MAX_SIZE);
    std::size_t n = 0;
    if (psa_raw_key_agreement(PSA_ALG_ECDH, id_, peer.data(), peer.size(), out.data(), out.size(),
                              &n) != PSA_SUCCESS)
      return std::nullopt;
    out.resize(n);
    return out;
  }

  Octets sign(const Octets& hash) const {
    Octets out(PSA_SIGNATURE_MAX_SIZE);
    std::size_t n = 0;
    if (psa_sign_hash(id_, PSA_ALG_ECDSA(algorithm_of(hash)), hash.data(), hash.size(), out.data(),
                      out.size(), &n) != PSA_SUCCESS)
      return {};
    out.resize(n);
    return out;
  }

  bool verify(const Octets& hash, const Octets& signature) const {
    return psa_verify_hash(id_, PSA_ALG_ECDSA(algorithm_of(hash)), hash.data(), hash.size(),
                           signature.data(), signature.size()) == PSA_SUCCESS;
  }

 private:
  static psa_algorithm_t algorithm_of(const Octets& hash) {
    return hash.size() == 32   ? PSA_ALG_SHA_256
           : hash.size() == 48 ? PSA_ALG_SHA_384
                               : PSA_ALG_SHA_512;
  }

  static psa_key_attributes_t attributes_of(Kind kind) {
    psa_crypto_init();
    psa_key_attributes_t out = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_usage_flags(&out, PSA_KEY_USAGE_EXPORT | PSA_KEY_USAGE_DERIVE |
                                      PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH);
    psa_set_key_algorithm(&out, PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));
    psa_set_key_enrollment_algorithm(&out, PSA_ALG_ECDH);
    if (kind == Kind::p256_public) {
      psa_set_key_usage_flags(&out, PSA_KEY_USAGE_EXPORT | PSA_KEY_USAGE_VERIFY_HASH);
      psa_set_key_type(&out, PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1));
    } else if (kind == Kind::p256_pair) {
      psa_set_key_type(&out, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    } else {
      psa_set_key_usage_flags(&out, PSA_KEY_USAGE_EXPORT | PSA_KEY_USAGE_DERIVE);
      psa_set_key_algorithm(&out, PSA_ALG_ECDH);
      psa_set_key_enrollment_algorithm(&out, PSA_ALG_NONE);
      psa_set_key_type(&out, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY));
    }
    psa_set_key_bits(&out, kind == Kind::x25519_pair ? 255 : 256);
    return out;
  }

  template <typename Export>
  Octets exported(Export call) const {
    Octets out(std::max<std::size_t>(PSA_EXPORT_KEY_PAIR_MAX_SIZE, PSA_EXPORT_PUBLIC_KEY_MAX_SIZE));
    std::size_t n = 0;
    if (call(id_, out.data(), out.size(), &n) != PSA_SUCCESS) throw std::runtime_error("no export");
    out.resize(n);
    return out;
  }

  psa_key_id_t id_ = PSA_KEY_ID_NULL;
};

// --- P-256's prime and order, the key of RFC 6979 appendix A.2.5, and arithmetic for crafted
// values

inline const char* const p = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
inline const char* const n = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
inline const Octets zero(32, 0);

// The key of RFC 6979 appendix A.2.5.
inline const char* const d = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
inline const Octets x = hex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
inline const Octets y = hex("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
inline const Octets point = hex("04") + x + y;

inline Octets random_octets(std::size_t size) {
  psa_crypto_init();
  Octets out(size);
  require_zero(psa_generate_random(out.data(), size), "psa_generate_random");
  return out;
}

inline Octets number(std::uint8_t low) {
  Octets out = zero;
  out.back() = low;
  return out;
}

// Arithmetic for crafted values; big-endian, 32 bytes. 4.x hides mbedTLS's own. `carry` says
// whether the sum is larger than that.
inline Octets plus(Octets a, const Octets& b, bool* carry = nullptr) {
  unsigned over = 0;
  for (std::size_t i = a.size(); i-- > 0; over >>= 8) {
    over += unsigned{a[i]} + b[i];
    a[i] = static_cast<std::uint8_t>(over);
  }
  if (carry != nullptr) *carry = over != 0;
  return a;
}

inline Octets minus(Octets from, const Octets& what) {
  int borrow = 0;
  for (std::size_t i = from.size(); i-- > 0;) {
    const int digit = from[i] - what[i] - borrow;
    borrow = digit < 0 ? 1 : 0;
    from[i] = static_cast<std::uint8_t>(digit);
  }
  return from;
}

inline Octets minus(const char* from, const Octets& what) { return minus(hex(from), what); }

inline Octets plus_modulo_n(const Octets& a, const Octets& b) {
  bool carry = false;
  const Octets sum = plus(a, b, &carry);
  return carry || sum >= hex(n) ? minus(sum, hex(n)) : sum;
}

// `a` and `b` are below twice n.
inline Octets times_modulo_n(const Octets& a, const Octets& b) {
  const Octets reduced = plus_modulo_n(a, zero);
  Octets out = zero;
  for (const std::uint8_t byte : b)
    for (int bit = 7; bit >= 0; --bit) {
      out = plus_modulo_n(out, out);
      if ((byte >> bit & 1) != 0) out = plus_modulo_n(out, reduced);
    }
  return out;
}

// By Fermat's little theorem: n is prime.
inline Octets inverse_modulo_n(const Octets& a) {
  const Octets exponent = minus(n, number(2));
  Octets out = number(1);
  for (const std::uint8_t byte : exponent)
    for (int bit = 7; bit >= 0; --bit) {
      out = times_modulo_n(out, out);
      if ((byte >> bit & 1) != 0) out = times_modulo_n(out, a);
    }
  return out;
}

}  // namespace tunnel::test
