// The AEAD back-end of mbedTLS by the PSA Crypto API: slow, and always there.
#include <mbedtls/platform_util.h>
#include <mbedtls/version.h>
#include <psa/crypto.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "tls/record/aead/backends.hpp"

namespace tunnel::tls {

namespace {

psa_algorithm_t algorithm(Cipher cipher) {
  return cipher == Cipher::chacha20_poly1305 ? PSA_ALG_CHACHA20_POLY1305 : PSA_ALG_GCM;
}

// Ciphertext and tag, which PSA wants side by side, in memory apart from the plaintext: a PSA that
// assumes exclusive buffers does not work in place, and any other copies all the same. The copy is
// a thirtieth of what its ciphers cost.
class Sealed {
 public:
  explicit Sealed(std::size_t text_size)
      : size_(text_size + tag_size), bytes_(new (std::nothrow) std::byte[size_]) {}

  explicit operator bool() const { return bytes_ != nullptr; }
  std::span<std::byte> all() const { return {bytes_.get(), size_}; }
  std::span<std::byte> text() const { return all().first(size_ - tag_size); }
  std::span<std::byte> tag() const { return all().last(tag_size); }

 private:
  std::size_t size_;
  std::unique_ptr<std::byte[]> bytes_;
};

class PsaKey final : public AeadKey {
 public:
  PsaKey(Cipher cipher, psa_key_id_t id) : algorithm_(algorithm(cipher)), id_(id) {}
  ~PsaKey() override { psa_destroy_key(id_); }

  bool seal(std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> ad,
            std::span<std::byte> text, std::span<std::byte, tag_size> tag) override {
    const Sealed sealed(text.size());
    std::size_t made = 0;
    if (!sealed ||
        psa_aead_encrypt(id_, algorithm_, octets(nonce), nonce_size, address(ad), ad.size(),
                         address(text), text.size(), address(sealed.all()), sealed.all().size(),
                         &made) != PSA_SUCCESS ||
        made != sealed.all().size())
      return false;
    std::ranges::copy(sealed.text(), text.begin());
    std::ranges::copy(sealed.tag(), tag.begin());
    return true;
  }

  bool open(std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> ad,
            std::span<std::byte> text, std::span<const std::byte, tag_size> tag) override {
    const Sealed sealed(text.size());
    std::size_t made = 0;
    if (sealed) {
      std::ranges::copy(text, sealed.text().begin());
      std::ranges::copy(tag, sealed.tag().begin());
      if (psa_aead_decrypt(id_, algorithm_, octets(nonce), nonce_size, address(ad), ad.size(),
                           address(sealed.all()), sealed.all().size(), address(text), text.size(),
                           &made) == PSA_SUCCESS &&
          made == text.size())
        return true;
    }
    mbedtls_platform_zeroize(address(text), text.size());
    return false;
  }

 private:
  static const unsigned char* octets(std::span<const std::byte, nonce_size> nonce) {
    return reinterpret_cast<const unsigned char*>(nonce.data());
  }

  const psa_algorithm_t algorithm_;
  const psa_key_id_t id_;
};

class Psa final : public AeadBackend {
 public:
  // A packaged mbedTLS may lack a cipher, which only a trial tells.
  Psa() {
    const std::array<std::byte, 32> key{};
    const std::array<std::byte, nonce_size> nonce{};
    std::array<std::byte, tag_size> tag;
    for (const Cipher cipher : all_ciphers) {
      const auto trial = import(cipher, std::span(key).first(key_size(cipher)));
      supported_[static_cast<std::size_t>(cipher)] = trial && trial->seal(nonce, {}, {}, tag);
    }
  }

  std::string_view name() const override { return "mbedTLS " MBEDTLS_VERSION_STRING; }

  bool supports(Cipher cipher) const override {
    return supported_[static_cast<std::size_t>(cipher)];
  }

  std::unique_ptr<AeadKey> make_key(Cipher cipher, std::span<const std::byte> key) const override {
    if (!supports(cipher) || key.size() != key_size(cipher)) return nullptr;
    return import(cipher, key);
  }

 private:
  static std::unique_ptr<AeadKey> import(Cipher cipher, std::span<const std::byte> key) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT);
    psa_set_key_algorithm(&attributes, algorithm(cipher));
    psa_set_key_type(&attributes, cipher == Cipher::chacha20_poly1305 ? PSA_KEY_TYPE_CHACHA20
                                                                      : PSA_KEY_TYPE_AES);
    psa_key_id_t id = PSA_KEY_ID_NULL;
    if (psa_crypto_init() != PSA_SUCCESS ||
        psa_import_key(&attributes, address(key), key.size(), &id) != PSA_SUCCESS)
      return nullptr;
    std::unique_ptr<AeadKey> made(new (std::nothrow) PsaKey(cipher, id));
    if (!made) psa_destroy_key(id);
    return made;
  }

  std::array<bool, std::size(all_ciphers)> supported_{};
};

}  // namespace

const AeadBackend& psa_backend() {
  static const Psa backend;
  return backend;
}

}  // namespace tunnel::tls
