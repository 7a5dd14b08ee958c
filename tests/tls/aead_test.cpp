// Each AEAD back-end agrees with the published vectors, and none of those compiled in is missing.
#include "tls/record/aead/aead.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

#include "built/aead_list.hpp"
#include "support/aead.hpp"
#include "tls/record/aead/backends.hpp"

namespace tunnel::tls {
namespace {

struct Vector {
  std::string cipher;
  bool valid = false;
  test::Bytes key, nonce, ad, plain, sealed, tag;
};

std::vector<Vector> read_vectors() {
  std::ifstream file(TUNNEL_TESTS_DIR "/tls/aead_vectors.txt");
  REQUIRE(file);
  std::vector<Vector> vectors;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    Vector vector;
    std::string verdict;
    words >> vector.cipher >> verdict;
    vector.valid = verdict == "valid";
    for (auto* field :
         {&vector.key, &vector.nonce, &vector.ad, &vector.plain, &vector.sealed, &vector.tag}) {
      std::string hex;
      words >> hex;
      REQUIRE_FALSE(hex.empty());
      if (hex != "-") *field = test::from_hex(hex);
    }
    vectors.push_back(vector);
  }
  return vectors;
}

std::span<const std::byte, nonce_size> nonce_of(const Vector& vector) {
  REQUIRE_EQ(vector.nonce.size(), nonce_size);
  return std::span<const std::byte, nonce_size>(vector.nonce);
}

TEST_CASE("the list holds each back-end that was compiled in and that this processor runs") {
  std::vector<const AeadBackend*> expected;
#define EXPECT(name, runs) \
  if (runs) expected.push_back(&name##_backend());
  TUNNEL_AEAD_BACKENDS(EXPECT)
#undef EXPECT
  CHECK(std::ranges::equal(aead_backends(), expected));
  REQUIRE_FALSE(expected.empty());
  CHECK_EQ(expected.back(), &psa_backend());
  for (const Cipher cipher : all_ciphers) {
    CHECK(psa_backend().supports(cipher));
    CHECK(best_aead_backend(cipher).supports(cipher));
    // its library is named where people look
    CHECK(accelerator().find(best_aead_backend(cipher).name()) != std::string::npos);
  }
}

TEST_CASE("each back-end agrees with the vectors of NIST and of RFC 8439") {
  const auto vectors = read_vectors();
  CHECK_GE(vectors.size(), 300);
  test::for_each_aead([&](const AeadBackend& backend, Cipher cipher) {
    std::size_t checked = 0;
    for (const Vector& vector : vectors) {
      if (vector.cipher != test::name(cipher)) continue;
      ++checked;
      CAPTURE(checked);
      const auto key = backend.make_key(cipher, vector.key);
      REQUIRE(key);
      REQUIRE_EQ(vector.tag.size(), tag_size);
      const std::span<const std::byte, tag_size> tag(vector.tag);
      auto text = vector.sealed;
      CHECK_EQ(key->open(nonce_of(vector), vector.ad, text, tag), vector.valid);
      if (!vector.valid) {
        CHECK(test::all_zero(text));
        continue;
      }
      CHECK_EQ(text, vector.plain);
      test::Tag made{};
      CHECK(key->seal(nonce_of(vector), vector.ad, text, made));
      CHECK_EQ(text, vector.sealed);
      CHECK(std::ranges::equal(made, tag));
    }
    CHECK_GE(checked, cipher == Cipher::chacha20_poly1305 ? 2 : 150);
  });
}

TEST_CASE("a key of another size makes no key, and neither does a cipher that the library lacks") {
  for (const AeadBackend* backend : aead_backends()) {
    for (const Cipher cipher : all_ciphers) {
      for (const std::size_t size : {0UL, 15UL, 16UL, 17UL, 24UL, 31UL, 32UL, 33UL, 64UL}) {
        CAPTURE(size);
        const bool right = backend->supports(cipher) && size == key_size(cipher);
        CHECK_EQ(backend->make_key(cipher, test::Bytes(size)) != nullptr, right);
      }
    }
  }
}

TEST_CASE("keys by the thousand, as many connections need them, do not disturb each other") {
  test::for_each_aead([](const AeadBackend& backend, Cipher cipher) {
    test::Noise noise;
    const test::Nonce nonce = noise.nonce();
    std::vector<std::unique_ptr<AeadKey>> keys;
    std::vector<test::Tag> tags;
    for (int i = 0; i < 4000; ++i) {
      keys.push_back(backend.make_key(cipher, noise.bytes(key_size(cipher))));
      REQUIRE(keys.back());
      REQUIRE(keys.back()->seal(nonce, {}, {}, tags.emplace_back()));
    }
    bool all = true;
    for (std::size_t i = 0; i < keys.size(); ++i) all &= keys[i]->open(nonce, {}, {}, tags[i]);
    CHECK(all);
    CHECK_FALSE(keys[0]->open(nonce, {}, {}, tags[1]));
  });
}

TEST_CASE("a key goes from thread to thread, and later keys in its place are others") {
  test::for_each_aead([](const AeadBackend& backend, Cipher cipher) {
    test::Noise noise;
    const auto nonce = noise.nonce();
    test::Tag here, there;
    auto key = backend.make_key(cipher, noise.bytes(key_size(cipher)));
    REQUIRE(key);
    REQUIRE(key->seal(nonce, {}, {}, here));
    bool sealed = false;
    std::thread([&] {
      sealed = key->seal(nonce, {}, {}, there);
      key.reset();
    }).join();
    CHECK(sealed);
    CHECK(here == there);
    // whatever this thread still knows of the first one, no other is taken for it
    bool opened = false;
    for (int i = 0; i < 1000; ++i) {
      const auto other = backend.make_key(cipher, noise.bytes(key_size(cipher)));
      REQUIRE(other);
      opened |= other->open(nonce, {}, {}, here);
    }
    CHECK_FALSE(opened);
  });
}

TEST_CASE("threads with a key each share a back-end") {
  test::for_each_aead([](const AeadBackend& backend, Cipher cipher) {
    std::array<bool, 3> fine{};
    std::vector<std::thread> threads;
    for (auto& result : fine) {
      threads.emplace_back([&] {
        test::Noise noise;
        const auto key = backend.make_key(cipher, noise.bytes(key_size(cipher)));
        result = key != nullptr;
        for (std::size_t n = 0; result && n < 200; ++n) {
          const auto plain = noise.bytes(n * 7);
          const auto nonce = noise.nonce();
          auto text = plain;
          test::Tag tag;
          result =
              key->seal(nonce, {}, text, tag) && key->open(nonce, {}, text, tag) && text == plain;
        }
      });
    }
    for (auto& thread : threads) thread.join();
    for (const bool result : fine) CHECK(result);
  });
}

}  // namespace
}  // namespace tunnel::tls
