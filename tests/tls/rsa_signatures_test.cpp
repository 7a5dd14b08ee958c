// RSA signatures as PSA makes and verifies them, by whichever library the build has, against
// mbedTLS's own arithmetic, which PSA is not asked for here.
#include <doctest/doctest.h>
#include <mbedtls/asn1write.h>
#include <mbedtls/pk.h>
#include <mbedtls/version.h>
#include <psa/crypto.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "support/primitives.hpp"
#include "x509/random.hpp"

#if MBEDTLS_VERSION_MAJOR < 4  // later ones hide it
#include <mbedtls/rsa.h>

namespace tunnel::test {
namespace {

struct Algorithm {
  psa_algorithm_t hash;
  mbedtls_md_type_t md;
};
constexpr std::array<Algorithm, 3> hashes = {{{PSA_ALG_SHA_256, MBEDTLS_MD_SHA256},
                                              {PSA_ALG_SHA_384, MBEDTLS_MD_SHA384},
                                              {PSA_ALG_SHA_512, MBEDTLS_MD_SHA512}}};

// A key pair, for both: PSA's policy allows each padding, one as the enrolment algorithm.
class RsaKey {
 public:
  explicit RsaKey(const std::string& pem) {
    psa_crypto_init();
    mbedtls_pk_init(&pk_);
    REQUIRE(mbedtls_pk_parse_key(&pk_, reinterpret_cast<const unsigned char*>(pem.c_str()),
                                 pem.size() + 1, nullptr, 0, x509::random_bytes, nullptr) == 0);
    Octets der(6000);
    const int size = mbedtls_pk_write_key_der(&pk_, der.data(), der.size());
    REQUIRE(size > 0);
    pair_ = import(PSA_KEY_TYPE_RSA_KEY_PAIR, {der.end() - size, der.end()});
    std::size_t length = 0;
    Octets exported(PSA_EXPORT_PUBLIC_KEY_MAX_SIZE);
    REQUIRE(psa_export_public_key(pair_, exported.data(), exported.size(), &length) == PSA_SUCCESS);
    exported.resize(length);
    public_ = import(PSA_KEY_TYPE_RSA_PUBLIC_KEY, exported);
  }
  ~RsaKey() {
    psa_destroy_key(pair_);
    psa_destroy_key(public_);
    mbedtls_pk_free(&pk_);
  }
  RsaKey(const RsaKey&) = delete;
  RsaKey& operator=(const RsaKey&) = delete;

  std::size_t size() { return mbedtls_rsa_get_len(own()); }

  Octets psa_sign(psa_algorithm_t algorithm, const Octets& digest) {
    Octets out(PSA_SIGNATURE_MAX_SIZE);
    std::size_t n = 0;
    if (psa_sign_hash(pair_, algorithm, digest.data(), digest.size(), out.data(), out.size(), &n) !=
        PSA_SUCCESS)
      return {};
    out.resize(n);
    return out;
  }
  psa_status_t psa_verify(psa_algorithm_t algorithm, const Octets& digest,
                          const Octets& signature) {
    return psa_verify_hash(public_, algorithm, digest.data(), digest.size(), signature.data(),
                           signature.size());
  }

  Octets own_sign(bool pss, const Algorithm& with, const Octets& digest,
                  int salt = MBEDTLS_RSA_SALT_LEN_ANY) {
    pad(pss, with);
    Octets out(size());
    const auto length = static_cast<unsigned>(digest.size());
    const int ret =
        pss ? mbedtls_rsa_rsassa_pss_sign_ext(own(), x509::random_bytes, nullptr, with.md, length,
                                              digest.data(), salt, out.data())
            : mbedtls_rsa_pkcs1_sign(own(), x509::random_bytes, nullptr, with.md, length,
                                     digest.data(), out.data());
    REQUIRE(ret == 0);
    return out;
  }
  bool own_verify(bool pss, const Algorithm& with, const Octets& digest, const Octets& signature) {
    pad(pss, with);
    const auto length = static_cast<unsigned>(digest.size());
    return signature.size() == size() &&
           (pss ? mbedtls_rsa_rsassa_pss_verify_ext(own(), with.md, length, digest.data(), with.md,
                                                    static_cast<int>(length), signature.data())
                : mbedtls_rsa_pkcs1_verify(own(), with.md, length, digest.data(),
                                           signature.data())) == 0;
  }

 private:
  mbedtls_rsa_context* own() { return mbedtls_pk_rsa(pk_); }
  void pad(bool pss, const Algorithm& with) {
    mbedtls_rsa_set_padding(own(), pss ? MBEDTLS_RSA_PKCS_V21 : MBEDTLS_RSA_PKCS_V15, with.md);
  }
  static psa_key_id_t import(psa_key_type_t type, const Octets& der) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_VERIFY_HASH);
    psa_set_key_algorithm(&attributes, PSA_ALG_RSA_PSS(PSA_ALG_ANY_HASH));
    psa_set_key_enrollment_algorithm(&attributes, PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_ANY_HASH));
    psa_set_key_type(&attributes, type);
    psa_key_id_t id = PSA_KEY_ID_NULL;
    REQUIRE(psa_import_key(&attributes, der.data(), der.size(), &id) == PSA_SUCCESS);
    return id;
  }

  mbedtls_pk_context pk_;
  psa_key_id_t pair_ = PSA_KEY_ID_NULL;
  psa_key_id_t public_ = PSA_KEY_ID_NULL;
};

// Keys of 1024 bits, nine of them, 1032 and 2048, which it would take long to make.
std::vector<std::string> keys_in_the_file() {
  const auto text = read_file(std::filesystem::path(TUNNEL_TESTS_DIR) / "tls" / "rsa_keys.pem");
  REQUIRE(text.has_value());
  std::vector<std::string> out;
  for (std::size_t begin = 0; (begin = text->find("-----BEGIN", begin)) != text->npos; ++begin)
    out.push_back(text->substr(begin, text->find("-----END", begin) + 30 - begin));
  REQUIRE_EQ(out.size(), 11);
  return out;
}

psa_algorithm_t algorithm(bool pss, psa_algorithm_t hash) {
  return pss ? PSA_ALG_RSA_PSS(hash) : PSA_ALG_RSA_PKCS1V15_SIGN(hash);
}

Octets digest_of(const Algorithm& with) {
  Octets out(PSA_HASH_LENGTH(with.hash));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i * 37 + 1);
  return out;
}

TEST_CASE(
    "RSA signatures agree with mbedTLS's arithmetic, both ways, and nothing else is accepted") {
  const std::vector<std::string> all = keys_in_the_file();
  for (const std::size_t which : {0U, 9U, 10U}) {
    RsaKey key(all[which]);
    const std::size_t bits = 8 * key.size();
    CAPTURE(bits);
    for (const Algorithm& with : hashes)
      for (const bool pss : {false, true}) {
        // a salt of 64 bytes beside the hash does not fit into these
        if (bits < 2048 && pss && with.hash == PSA_ALG_SHA_512) continue;
        CAPTURE(with.hash);
        CAPTURE(pss);
        const psa_algorithm_t asked = algorithm(pss, with.hash);
        const Octets digest = digest_of(with);
        const Octets signature = key.psa_sign(asked, digest);
        CHECK_EQ(signature.size(), key.size());
        CHECK(key.own_verify(pss, with, digest, signature));
        const Octets theirs =
            key.own_sign(pss, with, digest, pss ? static_cast<int>(digest.size()) : 0);
        CHECK(key.psa_verify(asked, digest, theirs) == PSA_SUCCESS);
        CHECK((theirs == signature) == !pss);  // PSS has a salt

        Octets other = digest;
        other[5] ^= 1;
        CHECK(key.psa_verify(asked, other, signature) != PSA_SUCCESS);
        CHECK(key.psa_verify(algorithm(!pss, with.hash), digest, signature) != PSA_SUCCESS);
        for (const std::size_t at : {std::size_t{0}, signature.size() / 2, signature.size() - 1}) {
          Octets changed = signature;
          changed[at] ^= 1;
          CHECK(key.psa_verify(asked, digest, changed) != PSA_SUCCESS);
        }
        Octets shorter = signature;
        shorter.pop_back();
        CHECK(key.psa_verify(asked, digest, shorter) != PSA_SUCCESS);
        CHECK(key.psa_verify(asked, digest, {}) != PSA_SUCCESS);
      }
  }
}

TEST_CASE("another key's RSA signature is refused, however many keys sign") {
  std::vector<std::unique_ptr<RsaKey>> keys;
  for (const std::string& pem : keys_in_the_file()) keys.push_back(std::make_unique<RsaKey>(pem));
  const Algorithm& with = hashes[0];
  const Octets digest = digest_of(with);
  for (int round = 0; round < 2; ++round)
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const Octets signature = keys[i]->psa_sign(algorithm(false, with.hash), digest);
      CHECK(keys[i]->own_verify(false, with, digest, signature));
      CHECK(keys[(i + 1) % keys.size()]->psa_verify(algorithm(false, with.hash), digest,
                                                    signature) != PSA_SUCCESS);
    }
}

TEST_CASE("the salt of a PSS signature is as long as the hash, where TLS asks for that") {
  RsaKey key(keys_in_the_file().back());
  const Algorithm& with = hashes[0];
  const Octets digest = digest_of(with);
  const Octets shorter = key.own_sign(true, with, digest, 20);
  CHECK(key.psa_verify(PSA_ALG_RSA_PSS(with.hash), digest, shorter) != PSA_SUCCESS);
}

}  // namespace
}  // namespace tunnel::test

#endif
