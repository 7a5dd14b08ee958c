// AWS-LC clamps the key and ignores the highest bit of a point.
#include "tls/drivers/x25519.hpp"

#include <openssl/curve25519.h>

namespace tunnel::tls::x25519 {

void clamp(std::span<std::uint8_t, size> key) {
  key[0] &= 248;
  key[31] = static_cast<std::uint8_t>((key[31] & 127) | 64);
}

void public_key(std::span<const std::uint8_t, size> key, std::span<std::uint8_t, size> out) {
  X25519_public_from_private(out.data(), key.data());
}

bool agree(std::span<const std::uint8_t, size> key, std::span<const std::uint8_t, size> peer,
           std::span<std::uint8_t, size> out) {
  return X25519(out.data(), key.data(), peer.data()) == 1;
}

}  // namespace tunnel::tls::x25519
