// Bytes to AWS-LC's keys and numbers, which wipe themselves when they are freed.
#include "tls/drivers/p256.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/ecdh.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <memory>

namespace tunnel::tls::p256 {

namespace {

template <auto free>
struct Free {
  template <typename T>
  void operator()(T* owned) const {
    free(owned);
  }
};
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using CurvePoint = std::unique_ptr<EC_POINT, Free<EC_POINT_free>>;
using Key = std::unique_ptr<EC_KEY, Free<EC_KEY_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

// AWS-LC keeps a thread's errors until somebody asks.
struct NoErrors {
  ~NoErrors() { ERR_clear_error(); }
};

constexpr std::size_t encoded_size = 1 + point_size;  // SEC 1 section 2.3.3

Number number_of(std::span<const std::uint8_t> bytes) {
  return Number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
}

Key new_key() {
  Key key(EC_KEY_new());
  if (key && !EC_KEY_set_group(key.get(), EC_group_p256())) key.reset();
  return key;
}

// Null where it isn't valid.
Key private_key(Scalar bytes) {
  Key key = new_key();
  const Number number = number_of(bytes);
  if (!key || !number || !EC_KEY_set_private_key(key.get(), number.get())) return nullptr;
  return key;
}

// Null where it isn't on the curve.
CurvePoint point_of(Point bytes) {
  std::array<std::uint8_t, encoded_size> encoded;
  encoded[0] = POINT_CONVERSION_UNCOMPRESSED;
  std::ranges::copy(bytes, encoded.begin() + 1);
  CurvePoint point(EC_POINT_new(EC_group_p256()));
  if (point &&
      !EC_POINT_oct2point(EC_group_p256(), point.get(), encoded.data(), encoded.size(), nullptr))
    point.reset();
  return point;
}

}  // namespace

bool is_private_key(Scalar key) {
  const NoErrors clean;
  return private_key(key) != nullptr;
}

bool is_public_key(Point key) {
  const NoErrors clean;
  return point_of(key) != nullptr;
}

bool public_key(Scalar key, std::span<std::uint8_t, point_size> out) {
  const NoErrors clean;
  const EC_GROUP* const group = EC_group_p256();
  const Key own = private_key(key);
  const CurvePoint point(EC_POINT_new(group));
  std::array<std::uint8_t, encoded_size> encoded;
  if (!own || !point ||
      !EC_POINT_mul(group, point.get(), EC_KEY_get0_private_key(own.get()), nullptr, nullptr,
                    nullptr) ||
      EC_POINT_point2oct(group, point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(),
                         encoded.size(), nullptr) != encoded.size())
    return false;
  std::copy(encoded.begin() + 1, encoded.end(), out.begin());
  return true;
}

bool agree(Scalar key, Point peer, std::span<std::uint8_t, scalar_size> out) {
  const NoErrors clean;
  const Key own = private_key(key);
  const CurvePoint theirs = point_of(peer);
  return own && theirs &&
         ECDH_compute_key(out.data(), out.size(), theirs.get(), own.get(), nullptr) ==
             static_cast<int>(out.size());
}

bool sign(Scalar key, std::span<const std::uint8_t> hash,
          std::span<std::uint8_t, signature_size> out) {
  const NoErrors clean;
  const Key own = private_key(key);
  if (!own) return false;
  const Signature signature(ECDSA_do_sign(hash.data(), hash.size(), own.get()));
  return signature &&
         BN_bn2bin_padded(out.data(), scalar_size, ECDSA_SIG_get0_r(signature.get())) &&
         BN_bn2bin_padded(out.data() + scalar_size, scalar_size, ECDSA_SIG_get0_s(signature.get()));
}

bool verify(Point key, std::span<const std::uint8_t> hash,
            std::span<const std::uint8_t, signature_size> signature) {
  const NoErrors clean;
  const Key theirs = new_key();
  const CurvePoint point = point_of(key);
  Number r = number_of(signature.first<scalar_size>());
  Number s = number_of(signature.last<scalar_size>());
  const Signature pair(ECDSA_SIG_new());
  if (!theirs || !point || !EC_KEY_set_public_key(theirs.get(), point.get()) || !r || !s || !pair ||
      !ECDSA_SIG_set0(pair.get(), r.get(), s.get()))
    return false;
  // the pair owns them now
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  return ECDSA_do_verify(hash.data(), hash.size(), pair.get(), theirs.get()) == 1;
}

}  // namespace tunnel::tls::p256
