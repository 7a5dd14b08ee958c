// P-256 and X25519 as PSA gives them against mbedTLS's own arithmetic, which no driver is behind.
#include <doctest/doctest.h>
#include <mbedtls/version.h>

#include <algorithm>
#include <chrono>

#include "support/primitives.hpp"
#include "tls/accelerator.hpp"
#include "x509/random.hpp"

#if MBEDTLS_VERSION_MAJOR < 4  // later ones hide it
#include <mbedtls/bignum.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>

namespace tunnel::test {
namespace {

using Kind = PsaKey::Kind;

// A number of mbedTLS's, from and to 32 bytes, big-endian.
class Integer {
 public:
  explicit Integer(const Octets& bytes = {}) {
    mbedtls_mpi_init(&value_);
    require_zero(mbedtls_mpi_read_binary(&value_, bytes.data(), bytes.size()),
                 "mbedtls_mpi_read_binary");
  }
  ~Integer() { mbedtls_mpi_free(&value_); }
  Integer(const Integer&) = delete;
  Integer& operator=(const Integer&) = delete;

  mbedtls_mpi* get() { return &value_; }
  Octets bytes() {
    Octets out(32);
    require_zero(mbedtls_mpi_write_binary(&value_, out.data(), out.size()),
                 "mbedtls_mpi_write_binary");
    return out;
  }

 private:
  mbedtls_mpi value_;
};

// A point that mbedTLS's own arithmetic works on.
struct Curve {
  explicit Curve(mbedtls_ecp_group_id id) {
    mbedtls_ecp_group_init(&group);
    mbedtls_ecp_point_init(&at);
    REQUIRE(mbedtls_ecp_group_load(&group, id) == 0);
  }
  ~Curve() {
    mbedtls_ecp_point_free(&at);
    mbedtls_ecp_group_free(&group);
  }
  Curve(const Curve&) = delete;
  Curve& operator=(const Curve&) = delete;

  bool read(const Octets& bytes) {
    return mbedtls_ecp_point_read_binary(&group, &at, bytes.data(), bytes.size()) == 0 &&
           mbedtls_ecp_check_pubkey(&group, &at) == 0;
  }
  Octets times(mbedtls_mpi* scalar) {
    REQUIRE(mbedtls_ecp_mul(&group, &at, scalar, &at, x509::random_bytes, nullptr) == 0);
    Octets out(65);
    std::size_t length = 0;
    REQUIRE(mbedtls_ecp_point_write_binary(&group, &at, MBEDTLS_ECP_PF_UNCOMPRESSED, &length,
                                           out.data(), out.size()) == 0);
    out.resize(length);
    return out;
  }

  mbedtls_ecp_group group;
  mbedtls_ecp_point at;
};

TEST_CASE("P-256 agrees with mbedTLS's own arithmetic") {
  std::vector<Octets> keys;
  for (std::uint8_t i = 1; i <= 20; ++i) {
    keys.push_back(number(i));
    keys.push_back(minus(n, number(i)));
  }
  for (std::size_t bit = 8; bit < 256; bit += 4) {
    Octets power = zero;
    power[31 - bit / 8] = static_cast<std::uint8_t>(1 << bit % 8);
    keys.push_back(power);
  }
  for (int i = 0; i < 60; ++i) keys.push_back(PsaKey(Kind::p256_pair).private_bytes());

  for (const Octets& bytes : keys) {
    const PsaKey pair(Kind::p256_pair, bytes);
    REQUIRE(pair);
    Curve theirs(MBEDTLS_ECP_DP_SECP256R1);
    Integer scalar(bytes);
    REQUIRE(mbedtls_ecp_copy(&theirs.at, &theirs.group.G) == 0);
    const Octets own = theirs.times(scalar.get());
    REQUIRE(pair.public_bytes() == own);

    Curve agreement(MBEDTLS_ECP_DP_SECP256R1);
    REQUIRE(agreement.read(point));
    const Octets shared = agreement.times(scalar.get());
    REQUIRE(pair.agree(point) == Octets(shared.begin() + 1, shared.begin() + 33));

    const Octets hash = random_octets(32);
    const Octets signature = pair.sign(hash);
    REQUIRE(signature.size() == 64);
    Integer r({signature.begin(), signature.begin() + 32});
    Integer s({signature.begin() + 32, signature.end()});
    REQUIRE(mbedtls_ecdsa_verify(&theirs.group, hash.data(), hash.size(), &theirs.at, r.get(),
                                 s.get()) == 0);
    REQUIRE(mbedtls_ecdsa_sign(&theirs.group, r.get(), s.get(), scalar.get(), hash.data(),
                               hash.size(), x509::random_bytes, nullptr) == 0);
    REQUIRE(PsaKey(Kind::p256_public, own).verify(hash, r.bytes() + s.bytes()));
  }
}

TEST_CASE("P-256 and mbedTLS's own arithmetic take the same points") {
  const PsaKey pair(Kind::p256_pair);
  for (int i = 0; i < 300; ++i) {
    // half of all x have no y; of the others the right y, another one, or a random one
    Octets peer = hex("04") + PsaKey(Kind::p256_pair).public_bytes();
    peer.erase(peer.begin());
    if (i % 3 == 1) peer[1 + static_cast<std::size_t>(i) % 64] ^= 0x10;
    if (i % 3 == 2) peer = hex("04") + random_octets(64);
    Curve theirs(MBEDTLS_ECP_DP_SECP256R1);
    REQUIRE(pair.agree(peer).has_value() == theirs.read(peer));
  }
}

TEST_CASE("X25519 agrees with mbedTLS's own arithmetic") {
  for (int i = 0; i < 60; ++i) {
    const PsaKey pair(Kind::x25519_pair);
    Octets scalar = pair.private_bytes();
    std::reverse(scalar.begin(), scalar.end());
    Octets peer = random_octets(32);
    if (i % 3 == 1) {  // not below 2^255 - 19, which must be taken modulo it
      peer = Octets(32, 0xff);
      peer[0] = static_cast<std::uint8_t>(0xef + i % 16);
      peer[31] = 0x7f;
    }
    Curve theirs(MBEDTLS_ECP_DP_CURVE25519);
    Integer number_of_scalar(scalar);
    REQUIRE(mbedtls_ecp_point_read_binary(&theirs.group, &theirs.at, peer.data(), peer.size()) ==
            0);
    REQUIRE(pair.agree(peer) == theirs.times(number_of_scalar.get()));
    REQUIRE(mbedtls_ecp_copy(&theirs.at, &theirs.group.G) == 0);
    REQUIRE(pair.public_bytes() == theirs.times(number_of_scalar.get()));
  }
}

TEST_CASE("the driver that the build names is the one that works") {
  if (tls::handshake_accelerator().empty()) return;
  // it is twenty times as fast as mbedTLS itself
  const auto time_of = [](const auto& work) {
    auto best = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 10; ++i) {
      const auto start = std::chrono::steady_clock::now();
      work();
      best = std::min(best, std::chrono::steady_clock::now() - start);
    }
    return best;
  };
  const PsaKey x_pair(Kind::x25519_pair);
  const PsaKey p_pair(Kind::p256_pair);
  const Octets hash = random_octets(32);
  const Octets peer = PsaKey(Kind::x25519_pair).public_bytes();
  const Octets signature = p_pair.sign(hash);
  const auto own = time_of([&] {
    Curve theirs(MBEDTLS_ECP_DP_SECP256R1);
    REQUIRE(theirs.read(point));
    Integer scalar(hex(d));
    theirs.times(scalar.get());
  });
  CHECK(time_of([&] { CHECK(x_pair.agree(peer)); }) * 3 < own);
  CHECK(time_of([&] { PsaKey(Kind::x25519_pair).public_bytes(); }) * 3 < own);
  if (sizeof(void*) < 8) return;  // most of P-256 is mbedTLS's there
  CHECK(time_of([&] { CHECK(p_pair.agree(point)); }) * 3 < own);
  CHECK(time_of([&] { CHECK(p_pair.verify(hash, signature)); }) * 3 < own);
  CHECK(time_of([&] { CHECK_FALSE(p_pair.sign(hash).empty()); }) * 3 < own);
  CHECK(time_of([&] { PsaKey(Kind::p256_pair).public_bytes(); }) * 3 < own);
}

}  // namespace
}  // namespace tunnel::test

#endif
