// Who encrypts and computes for handshakes, as this build has it.
#include "tls/accelerator.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "tls/record/aead/aead.hpp"

namespace tunnel::tls {

namespace {

// Times the processor time of the fastest back-end, as aead.cpp has the figures.
int times_slower(std::string_view backend) {
  if (backend.starts_with("libsodium")) return 5;
  if (backend.starts_with("mbedTLS")) return 30;
  return 1;
}

}  // namespace

std::string handshake_accelerator() {
#if defined(TUNNEL_PSA_DRIVER)
  return sizeof(void*) == 8 ? "P-256, X25519 and RSA by aws-lc"
                            : "X25519, RSA and signing with P-256 by aws-lc";
#else
  return "";
#endif
}

std::string slowness_of(std::span<const std::string_view> backends, bool has_driver) {
  int times = 1;
  for (const std::string_view backend : backends) times = std::max(times, times_slower(backend));
  std::string out;
  if (times > 1)
    out = "encryption takes up to " + std::to_string(times) + " times the processor time";
  if (!has_driver)
    out += (out.empty() ? "a" : ", and a") + std::string(" handshake takes several times as long");
  return out.empty() ? out : "slow: without AWS-LC, " + out;
}

std::string slowness() {
  std::vector<std::string_view> backends;
  for (const Cipher cipher : all_ciphers) backends.push_back(best_aead_backend(cipher).name());
  return slowness_of(backends, !handshake_accelerator().empty());
}

}  // namespace tunnel::tls
