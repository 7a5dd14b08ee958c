// Authenticated encryption with associated data (RFC 5116), in place, by the fastest library that
// this machine runs.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tunnel::tls {

// The AEADs of TLS, all with a nonce of 12 bytes and a tag of 16 (RFC 5116 section 5, RFC 8439
// section 2.8).
enum class Cipher { aes_128_gcm, aes_256_gcm, chacha20_poly1305 };

inline constexpr Cipher all_ciphers[] = {Cipher::aes_128_gcm, Cipher::aes_256_gcm,
                                         Cipher::chacha20_poly1305};
inline constexpr std::size_t nonce_size = 12;
inline constexpr std::size_t tag_size = 16;

constexpr std::size_t key_size(Cipher cipher) { return cipher == Cipher::aes_128_gcm ? 16 : 32; }

// One key in one library. Not for two threads at once. Its memory is wiped when it goes. The nonce
// is the caller's to choose: one that returns under the same key breaks the cipher.
class AeadKey {
 public:
  virtual ~AeadKey() = default;
  AeadKey(const AeadKey&) = delete;
  AeadKey& operator=(const AeadKey&) = delete;

  // Encrypts `text` in place and writes its tag, which must not overlap `text`. False where the
  // library refuses: `text` is then not fit to be sent.
  virtual bool seal(std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> ad,
                    std::span<std::byte> text, std::span<std::byte, tag_size> tag) = 0;

  // Decrypts `text` in place. False where the tag does not fit: `text` then holds zeros.
  virtual bool open(std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> ad,
                    std::span<std::byte> text, std::span<const std::byte, tag_size> tag) = 0;

 protected:
  AeadKey() = default;
};

// One library, as compiled in. Constant, for all threads.
class AeadBackend {
 public:
  virtual ~AeadBackend() = default;
  AeadBackend(const AeadBackend&) = delete;
  AeadBackend& operator=(const AeadBackend&) = delete;

  // The library, its version, and what of the processor it uses: "ipsec-mb 1.3.0 (AVX-512, VAES)".
  virtual std::string_view name() const = 0;

  // Whether the library has the cipher, and makes it fast on this machine.
  virtual bool supports(Cipher cipher) const = 0;

  // Null where the cipher is not supported, the key has another size, or memory is short.
  virtual std::unique_ptr<AeadKey> make_key(Cipher cipher,
                                            std::span<const std::byte> key) const = 0;

 protected:
  AeadBackend() = default;
};

// What was compiled in and supports at least one cipher on this machine: best first, PSA last.
std::span<const AeadBackend* const> aead_backends();

// The best of them for a cipher.
const AeadBackend& best_aead_backend(Cipher cipher);

// Which libraries these are: "AES-GCM and ChaCha20-Poly1305 by ipsec-mb 1.3.0 (AVX-512, VAES)".
std::string accelerator();

}  // namespace tunnel::tls
