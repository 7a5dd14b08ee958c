// The AEAD back-end of Intel's ipsec-mb, for x86-64.
#include <intel-ipsec-mb.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>

#include "tls/record/aead/backends.hpp"
#include "tls/record/aead/expanded_keys.hpp"

namespace tunnel::tls {

namespace {

struct Gcm {
  aes_gcm_pre_t expand = nullptr;
  aes_gcm_enc_dec_t encrypt = nullptr;
  aes_gcm_enc_dec_t decrypt = nullptr;
};

struct ChaCha {
  chacha_poly_init_t start = nullptr;
  chacha_poly_enc_dec_update_t encrypt = nullptr;
  chacha_poly_enc_dec_update_t decrypt = nullptr;
  chacha_poly_finalize_t finish = nullptr;
};

// The functions for this processor. They keep no state but the caller's, so threads share them;
// the one thing that they write beside it, the library's error number, nobody here reads. (It only
// tells of null pointers, of which they get none.)
struct Functions {
  Gcm aes_128, aes_256;
  ChaCha chacha20;
  std::uint64_t features = 0;
  IMB_ARCH arch = IMB_ARCH_NONE;
};

// The manager's 200 KiB hold queues for jobs, which nothing here submits: only its choice is kept.
Functions choose() {
  Functions chosen;
  IMB_MGR* manager = alloc_mb_mgr(0);
  if (!manager) return chosen;
  init_mb_mgr_auto(manager, &chosen.arch);
  if (imb_get_errno(manager) == 0) {
    chosen.features = manager->features;
    chosen.aes_128 = {manager->gcm128_pre, manager->gcm128_enc, manager->gcm128_dec};
    chosen.aes_256 = {manager->gcm256_pre, manager->gcm256_enc, manager->gcm256_dec};
    chosen.chacha20 = {manager->chacha20_poly1305_init, manager->chacha20_poly1305_enc_update,
                       manager->chacha20_poly1305_dec_update, manager->chacha20_poly1305_finalize};
  }
  free_mb_mgr(manager);
  return chosen;
}

// In a time that does not tell where they differ.
bool same(const std::array<std::byte, tag_size>& made, std::span<const std::byte, tag_size> got) {
  std::uint64_t a[2], b[2];
  static_assert(sizeof a == tag_size);
  std::memcpy(a, made.data(), tag_size);
  std::memcpy(b, got.data(), tag_size);
  return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0;
}

// Whether the text may be used; where not, it goes.
bool accept(bool fits, std::span<std::byte> text) {
  if (!fits && !text.empty()) std::memset(text.data(), 0, text.size());
  return fits;
}

using Expanded = ExpandedKeys<gcm_key_data>;

class GcmKey final : public AeadKey {
 public:
  GcmKey(const Gcm& gcm, std::span<const std::byte> key) : gcm_(gcm) {
    std::memcpy(key_.data(), key.data(), key.size());
  }
  ~GcmKey() override {
    Expanded::here().forget(number_);
    imb_clear_mem(key_.data(), key_.size());
  }

  bool seal(std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> ad,
            std::span<std::byte> text, std::span<std::byte, tag_size> tag) override {
    gcm_context_data scratch;
    gcm_.encrypt(&expanded(), &scratch, address(text), address(text), text.size(), address(nonce),
                 address(ad), ad.size(), reinterpret_cast<std::uint8_t*>(tag.data()), tag_size);
    imb_clear_mem(&scratch, sizeof scratch);
    return true;
  }

  bool open(std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> ad,
            std::span<std::byte> text, std::span<const std::byte, tag_size> tag) override {
    gcm_context_data scratch;
    std::array<std::byte, tag_size> made;
    gcm_.decrypt(&expanded(), &scratch, address(text), address(text), text.size(), address(nonce),
                 address(ad), ad.size(), reinterpret_cast<std::uint8_t*>(made.data()), tag_size);
    imb_clear_mem(&scratch, sizeof scratch);
    return accept(same(made, tag), text);
  }

 private:
  const gcm_key_data& expanded() const {
    return *Expanded::here().get(number_, [this](gcm_key_data& key) {
      gcm_.expand(key_.data(), &key);
      return true;
    });
  }

  const Gcm& gcm_;
  const std::uint64_t number_ = Expanded::next_number();
  std::array<std::byte, 32> key_{};
};

class ChaChaKey final : public AeadKey {
 public:
  ChaChaKey(const ChaCha& chacha, std::span<const std::byte> key) : chacha_(chacha) {
    std::memcpy(key_.data(), key.data(), key.size());
  }
  ~ChaChaKey() override { imb_clear_mem(key_.data(), key_.size()); }

  bool seal(std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> ad,
            std::span<std::byte> text, std::span<std::byte, tag_size> tag) override {
    run(chacha_.encrypt, nonce, ad, text, tag.data());
    return true;
  }

  bool open(std::span<const std::byte, nonce_size> nonce, std::span<const std::byte> ad,
            std::span<std::byte> text, std::span<const std::byte, tag_size> tag) override {
    std::array<std::byte, tag_size> made;
    run(chacha_.decrypt, nonce, ad, text, made.data());
    return accept(same(made, tag), text);
  }

 private:
  void run(chacha_poly_enc_dec_update_t update, std::span<const std::byte, nonce_size> nonce,
           std::span<const std::byte> ad, std::span<std::byte> text, std::byte* tag) {
    chacha20_poly1305_context_data state;  // holds the one-time key and key stream
    chacha_.start(key_.data(), &state, nonce.data(), address(ad), ad.size());
    update(key_.data(), &state, address(text), address(text), text.size());
    chacha_.finish(&state, tag, tag_size);
    imb_clear_mem(&state, sizeof state);
  }

  const ChaCha& chacha_;
  // 32 bytes, and what the AVX2 code of ipsec-mb 1.3 loads beyond them (and does not use).
  std::array<std::byte, 64> key_{};
};

class IpsecMb final : public AeadBackend {
 public:
  IpsecMb() : functions_(choose()) {
    name_ = std::string("ipsec-mb ") + IMB_VERSION_STR;
    if (functions_.arch >= IMB_ARCH_AVX512)
      name_ += functions_.features & IMB_FEATURE_VAES ? " (AVX-512, VAES)" : " (AVX-512)";
    else if (functions_.arch == IMB_ARCH_AVX2)
      name_ += " (AVX2)";
    else
      name_ += functions_.arch == IMB_ARCH_AVX ? " (AVX)" : " (SSE)";
  }

  std::string_view name() const override { return name_; }

  // Without AES-NI the library would emulate it, slowly; and it tests itself at its start.
  bool supports(Cipher) const override {
    constexpr std::uint64_t needed =
        IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ | IMB_FEATURE_SELF_TEST_PASS;
    return (functions_.features & needed) == needed;
  }

  std::unique_ptr<AeadKey> make_key(Cipher cipher, std::span<const std::byte> key) const override {
    if (!supports(cipher) || key.size() != key_size(cipher)) return nullptr;
    AeadKey* made = nullptr;
    switch (cipher) {
      case Cipher::aes_128_gcm:
        made = new (std::nothrow) GcmKey(functions_.aes_128, key);
        break;
      case Cipher::aes_256_gcm:
        made = new (std::nothrow) GcmKey(functions_.aes_256, key);
        break;
      case Cipher::chacha20_poly1305:
        made = new (std::nothrow) ChaChaKey(functions_.chacha20, key);
        break;
    }
    return std::unique_ptr<AeadKey>(made);
  }

 private:
  const Functions functions_;
  std::string name_;
};

}  // namespace

const AeadBackend& ipsec_mb_backend() {
  static const IpsecMb backend;
  return backend;
}

}  // namespace tunnel::tls
