// P-256 and X25519 as PSA gives them, by whichever library the build has: published vectors and
// what must be refused.
#include <doctest/doctest.h>

#include "support/primitives.hpp"

namespace tunnel::test {
namespace {

using Kind = PsaKey::Kind;

Octets hash_of(psa_algorithm_t algorithm, std::string_view text) {
  psa_crypto_init();
  Octets out(PSA_HASH_LENGTH(algorithm));
  std::size_t length = 0;
  REQUIRE(psa_hash_compute(algorithm, reinterpret_cast<const std::uint8_t*>(text.data()),
                           text.size(), out.data(), out.size(), &length) == PSA_SUCCESS);
  return out;
}

TEST_CASE("X25519 gives what RFC 7748 section 5.2 says") {
  const auto x25519 = [](const Octets& key, const Octets& peer) {
    return PsaKey(Kind::x25519_pair, key).agree(peer);
  };
  CHECK(x25519(hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
               hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")) ==
        hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));
  // the highest bit of this point is set, and must be ignored
  CHECK(x25519(hex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
               hex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")) ==
        hex("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"));
  Octets key = number(0);
  key[0] = 9;
  Octets peer = key;
  for (int i = 1; i <= 1000; ++i) {
    const auto next = x25519(key, peer);
    REQUIRE(next);
    peer = key;
    key = *next;
    if (i == 1)
      CHECK(key == hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"));
  }
  CHECK(key == hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"));
}

TEST_CASE("X25519 gives the keys and the secret of RFC 7748 section 6.1") {
  const PsaKey alice(Kind::x25519_pair,
                     hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  const PsaKey bob(Kind::x25519_pair,
                   hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  CHECK(alice.public_bytes() ==
        hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
  CHECK(bob.public_bytes() ==
        hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
  const Octets secret = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  CHECK(alice.agree(bob.public_bytes()) == secret);
  CHECK(bob.agree(alice.public_bytes()) == secret);
}

TEST_CASE("X25519 refuses the points that give zero, and other lengths") {
  const PsaKey key(Kind::x25519_pair);
  for (const char* small : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    Octets peer = hex(small);
    CHECK_FALSE(key.agree(peer));
    peer.back() |= 0x80;
    CHECK_FALSE(key.agree(peer));
  }
  CHECK_FALSE(key.agree(Octets(31, 9)));
  CHECK_FALSE(key.agree(Octets(33, 9)));
  CHECK_FALSE(key.agree({}));
}

TEST_CASE("a new X25519 key is clamped") {
  const Octets bytes = PsaKey(Kind::x25519_pair).private_bytes();
  REQUIRE(bytes.size() == 32);
  CHECK((bytes[0] & 7) == 0);
  CHECK((bytes[31] & 0xc0) == 0x40);
}

TEST_CASE("P-256 gives the keys and the secret of RFC 5903 section 8.1") {
  const PsaKey i(Kind::p256_pair,
                 hex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"));
  const PsaKey r(Kind::p256_pair,
                 hex("c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53"));
  CHECK(i.public_bytes() ==
        hex("04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
            "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3"));
  CHECK(r.public_bytes() ==
        hex("04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
            "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab"));
  const Octets secret = hex("d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
  CHECK(i.agree(r.public_bytes()) == secret);
  CHECK(r.agree(i.public_bytes()) == secret);
}

TEST_CASE("P-256 takes the signatures of RFC 6979 appendix A.2.5, and none that differs in a bit") {
  const PsaKey key(Kind::p256_public, point);
  const PsaKey pair(Kind::p256_pair, hex(d));
  CHECK(pair.public_bytes() == point);
  struct Vector {
    psa_algorithm_t algorithm;
    const char* text;
    const char* signature;
  };
  for (const Vector& v :
       {Vector{PSA_ALG_SHA_256, "sample",
               "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
               "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
        Vector{PSA_ALG_SHA_384, "sample",
               "0eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef7719"
               "4861f0491e6998b9455193e34e7b0d284ddd7149a74b95b9261f13abde940954"},
        Vector{PSA_ALG_SHA_512, "sample",
               "8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f00"
               "2362ab1adbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe"},
        Vector{PSA_ALG_SHA_256, "test",
               "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
               "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"}}) {
    const Octets hash = hash_of(v.algorithm, v.text);
    const Octets signature = hex(v.signature);
    CHECK(key.verify(hash, signature));
    CHECK(pair.verify(hash, signature));
    for (std::size_t bit = 0; bit < 8 * signature.size(); ++bit) {
      Octets other = signature;
      other[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
      CHECK_FALSE(key.verify(hash, other));
    }
    Octets other = hash;
    other[3] ^= 1;
    CHECK_FALSE(key.verify(other, signature));
  }
}

TEST_CASE("P-256 refuses signatures whose numbers are out of range") {
  const PsaKey key(Kind::p256_public, point);
  const Octets hash = hash_of(PSA_ALG_SHA_256, "sample");
  const Octets r = hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716");
  const Octets s = hex("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  REQUIRE(key.verify(hash, r + s));
  CHECK(key.verify(hash, r + minus(n, s)));  // as good, for ECDSA does not bind the sign of s
  const Octets above =
      minus("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", zero);
  for (const Octets& bad : {zero, hex(n), hex(p), above}) {
    CHECK_FALSE(key.verify(hash, bad + s));
    CHECK_FALSE(key.verify(hash, r + bad));
    CHECK_FALSE(key.verify(hash, bad + bad));
  }
  for (const Octets& bad : {number(1), minus(n, number(1))}) {
    CHECK_FALSE(key.verify(hash, bad + s));
    CHECK_FALSE(key.verify(hash, r + bad));
    CHECK_FALSE(key.verify(hash, bad + bad));
  }
  CHECK_FALSE(key.verify(hash, s + r));
  CHECK_FALSE(key.verify(hash, {}));
  CHECK_FALSE(key.verify(hash, r));
  CHECK_FALSE(key.verify(hash, r + s + hex("00")));
}

TEST_CASE("P-256 verifies where both multiples are one point, and refuses where they cancel") {
  // with u2 = u and u1 = u * d, u1 * G and u2 * Q are both u * d * G, and k is 2 * u * d
  const PsaKey key(Kind::p256_public, point);
  const Octets u = number(7);
  const Octets k = times_modulo_n(number(14), hex(d));
  const Octets xk = PsaKey(Kind::p256_pair, k).public_bytes();
  Octets r(xk.begin() + 1, xk.begin() + 33);
  r = times_modulo_n(r, number(1));
  const Octets s = times_modulo_n(r, inverse_modulo_n(u));
  const Octets hash = times_modulo_n(r, hex(d));
  CHECK(key.verify(hash, r + s));
  // of the negative hash the multiples add up to the point at infinity
  CHECK_FALSE(key.verify(minus(n, hash), r + s));
}

TEST_CASE("P-256 verifies the hash that is zero, and hashes not below the order") {
  const PsaKey key(Kind::p256_pair);
  for (const Octets& hash : {zero, hex(n), Octets(32, 0xff)}) {
    const Octets signature = key.sign(hash);
    CHECK(key.verify(hash, signature));
    CHECK_FALSE(key.verify(number(2), signature));
  }
}

TEST_CASE("P-256 refuses what is no point of the curve, in certificates and in key agreement") {
  const PsaKey own(Kind::p256_pair);
  Octets other_y = y;
  other_y.back() ^= 1;
  const Octets off[] = {
      hex("04") + x + other_y,
      hex("04") + y + x,
      hex("04") + zero + zero,
      hex("04") + number(1) + number(1),
      hex("04") + hex(p) + y,
      hex("04") + x + hex(p),
      hex("04") + Octets(64, 0xff),
      hex("02") + x + y,
      hex("05") + x + y,
      hex("00"),
      hex("04"),
      x + y,
      hex("04") + x + y + hex("00"),
      {},
  };
  REQUIRE(own.agree(point));
  REQUIRE(PsaKey(Kind::p256_public, point));
  for (const Octets& peer : off) {
    CHECK_FALSE(own.agree(peer));
    CHECK_FALSE(PsaKey(Kind::p256_public, peer));
  }
  // a point with an x not below p, though it is on the curve modulo p: x = 5 has one
  const Octets five = hex("459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc");
  REQUIRE(own.agree(hex("04") + number(5) + five));
  const Octets five_and_p = plus(hex(p), number(5));
  CHECK_FALSE(own.agree(hex("04") + five_and_p + five));
  CHECK_FALSE(PsaKey(Kind::p256_public, hex("04") + five_and_p + five));
}

TEST_CASE("P-256 refuses private keys out of range") {
  for (const Octets& bad : {zero, hex(n), hex(p), Octets(32, 0xff), Octets(31, 1), Octets(33, 1)})
    CHECK_FALSE(PsaKey(Kind::p256_pair, bad));
  CHECK(PsaKey(Kind::p256_pair, number(1)));
  CHECK(PsaKey(Kind::p256_pair, minus(n, number(1))));
}

TEST_CASE("P-256 signs with another nonce each time") {
  const PsaKey key(Kind::p256_pair);
  const Octets hash = hash_of(PSA_ALG_SHA_256, "sample");
  CHECK(key.sign(hash) != key.sign(hash));
}

}  // namespace
}  // namespace tunnel::test
