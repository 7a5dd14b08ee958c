// The list of AEAD back-ends: what this build has and this machine runs, best first.
#include "tls/record/aead/aead.hpp"

#include <algorithm>
#include <vector>

#include "built/aead_list.hpp"
#include "tls/record/aead/backends.hpp"

namespace tunnel::tls {

namespace {

bool usable(const AeadBackend& backend) {
  return std::ranges::any_of(all_ciphers, [&](Cipher cipher) { return backend.supports(cipher); });
}

// Sealing 16 KiB on a machine with AVX-512 and VAES (EPYC of Zen 4), in GB/s: AES-256-GCM by aws-lc
// 9.8, ipsec-mb 10.3, libsodium 1.8, mbedTLS 0.3; ChaCha20-Poly1305 by aws-lc 2.6, ipsec-mb 3.8,
// libsodium 1.4, mbedTLS 0.4. Of the first two, ipsec-mb makes the program four times as large, so
// it comes second. CMake keeps the order in aead_list.hpp.
std::vector<const AeadBackend*> usable_backends() {
  std::vector<const AeadBackend*> backends;
#define TUNNEL_AEAD_ADD(name, runs) \
  if (usable(name##_backend())) backends.push_back(&name##_backend());
  TUNNEL_AEAD_BACKENDS(TUNNEL_AEAD_ADD)
#undef TUNNEL_AEAD_ADD
  return backends;
}

}  // namespace

std::span<const AeadBackend* const> aead_backends() {
  static const std::vector<const AeadBackend*> backends = usable_backends();
  return backends;
}

const AeadBackend& best_aead_backend(Cipher cipher) {
  for (const AeadBackend* backend : aead_backends())
    if (backend->supports(cipher)) return *backend;
  return psa_backend();  // whose make_key then says no
}

std::string accelerator() {
  const auto name = [](Cipher cipher) { return std::string(best_aead_backend(cipher).name()); };
  const std::string aes_128 = name(Cipher::aes_128_gcm);
  const std::string aes_256 = name(Cipher::aes_256_gcm);
  const std::string chacha20 = name(Cipher::chacha20_poly1305);
  if (aes_128 == aes_256 && aes_256 == chacha20)
    return "AES-GCM and ChaCha20-Poly1305 by " + aes_256;
  if (aes_128 == aes_256) return "AES-GCM by " + aes_256 + ", ChaCha20-Poly1305 by " + chacha20;
  if (aes_256 == chacha20)
    return "AES-256-GCM and ChaCha20-Poly1305 by " + aes_256 + ", AES-128-GCM by " + aes_128;
  return "AES-256-GCM by " + aes_256 + ", AES-128-GCM by " + aes_128 + ", ChaCha20-Poly1305 by " +
         chacha20;
}

}  // namespace tunnel::tls
