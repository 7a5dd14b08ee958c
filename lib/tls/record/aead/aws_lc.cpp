// The AEAD back-end of AWS-LC's libcrypto.
#include <openssl/aead.h>
#include <openssl/base.h>
#include <openssl/err.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <new>

#include <mbedtls/platform_util.h>

#include "tls/record/aead/backends.hpp"
#include "tls/record/aead/expanded_keys.hpp"

namespace tunnel::tls {

namespace {

using Expanded = ExpandedKeys<EVP_AEAD_CTX>;

const EVP_AEAD* algorithm(Cipher cipher) {
  switch (cipher) {
    case Cipher::aes_128_gcm:
      return EVP_aead_aes_128_gcm();
    case Cipher::aes_256_gcm:
      return EVP_aead_aes_256_gcm();
    case Cipher::chacha20_poly1305:
      return EVP_aead_chacha20_poly1305();
  }
  return nullptr;
}

// Whether it went well; where not, the text goes, and what the library noted of it.
bool accept(int result, std::span<std::byte> text) {
  if (result == 1) return true;
  if (!text.empty()) std::memset(text.data(), 0, text.size());
  ERR_clear_error();
  return false;
}

// These algorithms keep all of their state in the context, so that it need not be cleaned up.
class AwsLcKey final : public AeadKey {
 public:
  AwsLcKey(Cipher cipher, std::span<const std::byte> key) : cipher_(cipher) {
    std::memcpy(key_.data(), key.data(), key.size());
  }
  ~AwsLcKey() override {
    Expanded::here().forget(number_);
    mbedtls_platform_zeroize(key_.data(), key_.size());
  }

  bool seal(std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> ad,
            std::span<std::byte> text, std::span<std::byte, tag_size> tag) override {
    const EVP_AEAD_CTX* context = expanded();
    std::size_t written = 0;
    return accept(
        context && EVP_AEAD_CTX_seal_scatter(context, address(text), address(tag), &written,
                                             tag_size, address(nonce), nonce_size, address(text),
                                             text.size(), nullptr, 0, address(ad), ad.size()),
        text);
  }

  bool open(std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> ad,
            std::span<std::byte> text, std::span<const std::byte, tag_size> tag) override {
    const EVP_AEAD_CTX* context = expanded();
    return accept(context && EVP_AEAD_CTX_open_gather(
                                 context, address(text), address(nonce), nonce_size, address(text),
                                 text.size(), address(tag), tag_size, address(ad), ad.size()),
                  text);
  }

 private:
  const EVP_AEAD_CTX* expanded() const {
    return Expanded::here().get(number_, [this](EVP_AEAD_CTX& context) {
      return EVP_AEAD_CTX_init(&context, algorithm(cipher_), key_.data(), key_size(cipher_),
                               tag_size, nullptr) == 1;
    });
  }

  const Cipher cipher_;
  const std::uint64_t number_ = Expanded::next_number();
  std::array<std::uint8_t, 32> key_{};
};

class AwsLc final : public AeadBackend {
 public:
  std::string_view name() const override { return "aws-lc " AWSLC_VERSION_NUMBER_STRING; }

  // Without AES instructions it still takes the same time for every secret.
  bool supports(Cipher) const override { return true; }

  std::unique_ptr<AeadKey> make_key(Cipher cipher, std::span<const std::byte> key) const override {
    if (key.size() != key_size(cipher)) return nullptr;
    return std::unique_ptr<AeadKey>(new (std::nothrow) AwsLcKey(cipher, key));
  }
};

}  // namespace

const AeadBackend& aws_lc_backend() {
  static const AwsLc backend;
  return backend;
}

}  // namespace tunnel::tls
