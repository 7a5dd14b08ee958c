// The AEAD back-end of libsodium: ChaCha20-Poly1305 everywhere, AES-256-GCM where the processor
// helps.
#include <sodium.h>

#include <array>
#include <cstring>
#include <new>
#include <string>

#include "tls/record/aead/backends.hpp"

namespace tunnel::tls {

namespace {

const unsigned char* octets(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}

// Whether the text may be used; where not, it goes.
bool accept(int result, std::span<std::byte> text) {
  if (result != 0) sodium_memzero(address(text), text.size());
  return result == 0;
}

class GcmKey final : public AeadKey {
 public:
  explicit GcmKey(std::span<const std::byte> key) {
    crypto_aead_aes256gcm_beforenm(&state_, address(key));
  }
  ~GcmKey() override { sodium_memzero(&state_, sizeof state_); }

  bool seal(std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> ad,
            std::span<std::byte> text, std::span<std::byte, tag_size> tag) override {
    return crypto_aead_aes256gcm_encrypt_detached_afternm(
               address(text), reinterpret_cast<unsigned char*>(tag.data()), nullptr, address(text),
               text.size(), address(ad), ad.size(), nullptr, octets(nonce.data()), &state_) == 0;
  }

  bool open(std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> ad,
            std::span<std::byte> text, std::span<const std::byte, tag_size> tag) override {
    return accept(crypto_aead_aes256gcm_decrypt_detached_afternm(
                      address(text), nullptr, address(text), text.size(), octets(tag.data()),
                      address(ad), ad.size(), octets(nonce.data()), &state_),
                  text);
  }

 private:
  crypto_aead_aes256gcm_state state_;  // carries its own alignment
};

class ChaChaKey final : public AeadKey {
 public:
  explicit ChaChaKey(std::span<const std::byte> key) {
    std::memcpy(key_.data(), key.data(), key_.size());
  }
  ~ChaChaKey() override { sodium_memzero(key_.data(), key_.size()); }

  bool seal(std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> ad,
            std::span<std::byte> text, std::span<std::byte, tag_size> tag) override {
    return crypto_aead_chacha20poly1305_ietf_encrypt_detached(
               address(text), reinterpret_cast<unsigned char*>(tag.data()), nullptr, address(text),
               text.size(), address(ad), ad.size(), nullptr, octets(nonce.data()),
               key_.data()) == 0;
  }

  bool open(std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> ad,
            std::span<std::byte> text, std::span<const std::byte, tag_size> tag) override {
    return accept(crypto_aead_chacha20poly1305_ietf_decrypt_detached(
                      address(text), nullptr, address(text), text.size(), octets(tag.data()),
                      address(ad), ad.size(), octets(nonce.data()), key_.data()),
                  text);
  }

 private:
  std::array<unsigned char, crypto_aead_chacha20poly1305_ietf_KEYBYTES> key_;
};

class Libsodium final : public AeadBackend {
 public:
  // Before sodium_init, the library uses its slowest code.
  Libsodium() : starts_(sodium_init() >= 0) {
    name_ = std::string("libsodium ") + sodium_version_string();
  }

  std::string_view name() const override { return name_; }

  bool supports(Cipher cipher) const override {
    switch (cipher) {
      case Cipher::aes_128_gcm:
        return false;  // not in the library
      case Cipher::aes_256_gcm:
        return starts_ && crypto_aead_aes256gcm_is_available() == 1;
      case Cipher::chacha20_poly1305:
        return starts_;
    }
    return false;
  }

  std::unique_ptr<AeadKey> make_key(Cipher cipher, std::span<const std::byte> key) const override {
    if (!supports(cipher) || key.size() != key_size(cipher)) return nullptr;
    if (cipher == Cipher::aes_256_gcm)
      return std::unique_ptr<AeadKey>(new (std::nothrow) GcmKey(key));
    return std::unique_ptr<AeadKey>(new (std::nothrow) ChaChaKey(key));
  }

 private:
  const bool starts_;
  std::string name_;
};

}  // namespace

const AeadBackend& libsodium_backend() {
  static const Libsodium backend;
  return backend;
}

}  // namespace tunnel::tls
