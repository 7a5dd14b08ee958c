// Each AEAD back-end at every length and place against mbedTLS, and against anything that was
// changed.
#include <algorithm>

#include "support/aead.hpp"
#include "support/guarded.hpp"
#include "tls/record/aead/backends.hpp"

namespace tunnel::tls {
namespace {

constexpr std::size_t most = 16384 + 256;  // a TLS 1.3 record with its type and padding

// 0 to 300, and the edges of blocks, of what libraries take in one go, and of records.
std::vector<std::size_t> lengths() {
  std::vector<std::size_t> all;
  for (std::size_t n = 0; n <= 300; ++n) all.push_back(n);
  for (const std::size_t edge : {512u, 767u, 768u, 1024u, 4096u, 8192u, 16384u})
    for (const int off : {-1, 0, 1}) all.push_back(edge + static_cast<std::size_t>(off));
  all.insert(all.end(), {most - 1, most});
  return all;
}

struct Case {
  std::unique_ptr<AeadKey> key, oracle;
  test::Noise noise;
};

Case make_case(const AeadBackend& backend, Cipher cipher) {
  Case made;
  const auto key = made.noise.bytes(key_size(cipher));
  made.key = backend.make_key(cipher, key);
  made.oracle = psa_backend().make_key(cipher, key);
  REQUIRE(made.key);
  REQUIRE(made.oracle);
  return made;
}

// Seals and opens `n` bytes that end at the edge of memory, and compares with the oracle.
void check_length(Case& with, std::size_t n, std::size_t ad_size, const test::Nonce& nonce) {
  CAPTURE(n);
  CAPTURE(ad_size);
  static const test::Guarded text_page(most), tag_page(tag_size), ad_page(300), nonce_page(12);
  const auto text = text_page.last(n);
  const std::span<std::byte, tag_size> tag(tag_page.last(tag_size));
  const auto ad = ad_page.last(ad_size);
  const std::span<std::byte, nonce_size> nonce_at(nonce_page.last(nonce_size));
  std::ranges::copy(nonce, nonce_at.begin());
  with.noise.fill(text);
  with.noise.fill(ad);
  const test::Bytes plain(text.begin(), text.end());
  test::Bytes sealed = plain;
  test::Tag right;
  REQUIRE(with.oracle->seal(nonce, ad, sealed, right));

  REQUIRE(with.key->seal(nonce_at, ad, text, tag));
  CHECK(std::ranges::equal(text, sealed));
  CHECK(std::ranges::equal(tag, right));
  CHECK(with.key->open(nonce_at, ad, text, tag));
  CHECK(std::ranges::equal(text, plain));
}

TEST_CASE("every length up to 300 and the edges of blocks and records, at the edge of memory") {
  test::for_each_aead([](const AeadBackend& backend, Cipher cipher) {
    Case with = make_case(backend, cipher);
    for (const std::size_t n : lengths())
      for (const std::size_t ad : {0UL, 5UL, 13UL}) check_length(with, n, ad, with.noise.nonce());
    for (std::size_t ad = 0; ad <= 300; ++ad) check_length(with, 33, ad, with.noise.nonce());
  });
}

TEST_CASE("nonces at the edges of a counter") {
  test::for_each_aead([](const AeadBackend& backend, Cipher cipher) {
    Case with = make_case(backend, cipher);
    for (const auto& hex :
         {"000000000000000000000000", "ffffffffffffffffffffffff", "0000000000000000ffffffff",
          "00000000ffffffffffffffff", "ffffffff0000000000000000", "7fffffffffffffffffffffff"}) {
      test::Nonce nonce;
      std::ranges::copy(test::from_hex(hex), nonce.begin());
      for (const std::size_t n : std::initializer_list<std::size_t>{0, 1, 64, 1000, most})
        check_length(with, n, 5, nonce);
    }
  });
}

TEST_CASE("texts that start anywhere, with the tag right behind as in a record") {
  test::for_each_aead([](const AeadBackend& backend, Cipher cipher) {
    Case with = make_case(backend, cipher);
    for (std::size_t start = 0; start < 65; ++start) {
      for (const std::size_t n : {0UL, 1UL, 15UL, 16UL, 17UL, 63UL, 64UL, 65UL, 1000UL, 4097UL}) {
        CAPTURE(start);
        CAPTURE(n);
        const auto nonce = with.noise.nonce();
        const auto ad = with.noise.bytes(5);
        const auto before = with.noise.bytes(start + n + tag_size + 64);
        auto memory = before;
        const auto text = std::span(memory).subspan(start, n);
        const auto tag = std::span<std::byte>(memory).subspan(start + n).first<tag_size>();
        test::Bytes sealed(text.begin(), text.end());
        test::Tag right;
        REQUIRE(with.oracle->seal(nonce, ad, sealed, right));
        REQUIRE(with.key->seal(nonce, ad, text, tag));
        CHECK(std::ranges::equal(text, sealed));
        CHECK(std::ranges::equal(tag, right));
        REQUIRE(with.key->open(nonce, ad, text, tag));
        std::ranges::copy(std::span(before).subspan(start + n, tag_size), tag.begin());
        CHECK_EQ(memory, before);  // nothing around it was touched
      }
    }
  });
}

// A sealed text, and what happens to copies of it.
struct Sealed {
  AeadKey& key;
  test::Nonce nonce;
  test::Bytes ad, plain, text;
  test::Tag tag;

  bool opens(const test::Nonce& with_nonce, const test::Bytes& with_ad, test::Bytes with_text,
             const test::Tag& with_tag) const {
    const bool opened = key.open(with_nonce, with_ad, with_text, with_tag);
    CHECK((opened || test::all_zero(with_text)));
    return opened;
  }
};

template <typename Bytes>
Bytes flipped(Bytes bytes, std::size_t bit) {
  bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
  return bytes;
}

TEST_CASE("any bit of tag, text, associated data or nonce that changed: no plaintext") {
  test::for_each_aead([](const AeadBackend& backend, Cipher cipher) {
    Case with = make_case(backend, cipher);
    for (const std::size_t n : std::initializer_list<std::size_t>{0, 1, 16, 47, 300, most}) {
      CAPTURE(n);
      const auto plain = with.noise.bytes(n);
      Sealed it{*with.key, with.noise.nonce(), with.noise.bytes(5), plain, plain, {}};
      REQUIRE(with.key->seal(it.nonce, it.ad, it.text, it.tag));
      const std::size_t step = n > 300 ? 997 : 1;  // a large one not at every bit
      bool any = false;
      for (std::size_t bit = 0; bit<tag_size * 8; bit += n> 300 ? 31 : 1)
        any |= it.opens(it.nonce, it.ad, it.text, flipped(it.tag, bit));
      for (std::size_t bit = 0; bit < n * 8; bit += step)
        any |= it.opens(it.nonce, it.ad, flipped(it.text, bit), it.tag);
      for (std::size_t bit = 0; bit<it.ad.size() * 8; bit += n> 300 ? 7 : 1)
        any |= it.opens(it.nonce, flipped(it.ad, bit), it.text, it.tag);
      for (std::size_t bit = 0; bit<nonce_size * 8; bit += n> 300 ? 13 : 1)
        any |= it.opens(flipped(it.nonce, bit), it.ad, it.text, it.tag);
      any |= it.opens(it.nonce, it.ad, it.text, test::Tag{});
      any |= it.opens(it.nonce, {}, it.text, it.tag);
      CHECK_FALSE(any);
      auto text = it.text;  // and the key is as good as before
      CHECK(with.key->open(it.nonce, it.ad, text, it.tag));
      CHECK_EQ(text, plain);
    }
  });
}

TEST_CASE("a text that was cut, lengthened, or divided otherwise from its associated data") {
  test::for_each_aead([](const AeadBackend& backend, Cipher cipher) {
    Case with = make_case(backend, cipher);
    const auto plain = with.noise.bytes(80);
    Sealed it{*with.key, with.noise.nonce(), with.noise.bytes(13), plain, plain, {}};
    REQUIRE(with.key->seal(it.nonce, it.ad, it.text, it.tag));
    bool any = false;
    for (std::size_t n = 0; n < it.text.size(); ++n)
      any |= it.opens(it.nonce, it.ad, {it.text.begin(), it.text.begin() + static_cast<int>(n)},
                      it.tag);
    for (std::size_t n = 0; n < it.ad.size(); ++n)
      any |=
          it.opens(it.nonce, {it.ad.begin(), it.ad.begin() + static_cast<int>(n)}, it.text, it.tag);
    for (const std::size_t more : {1UL, 3UL, 16UL, 48UL}) {
      auto longer = it.text;
      longer.resize(longer.size() + more);  // by zeros, which a wrong padding would not see
      any |= it.opens(it.nonce, it.ad, longer, it.tag);
      longer = it.ad;
      longer.resize(longer.size() + more);
      any |= it.opens(it.nonce, longer, it.text, it.tag);
    }
    auto moved = it.text;
    auto rest = it.ad;
    moved.insert(moved.begin(), rest.back());
    rest.pop_back();
    any |= it.opens(it.nonce, rest, moved, it.tag);
    CHECK_FALSE(any);
  });
}

}  // namespace
}  // namespace tunnel::tls
