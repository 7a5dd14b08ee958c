// X25519 over s2n-bignum, whose functions clamp the key and ignore the highest bit of a point.
#include "tls/drivers/x25519.hpp"

extern "C" {
#include <s2n-bignum.h>
}

namespace tunnel::tls::x25519 {

void clamp(std::span<std::uint8_t, size> key) {
  key[0] &= 248;
  key[31] = static_cast<std::uint8_t>((key[31] & 127) | 64);
}

void public_key(std::span<const std::uint8_t, size> key, std::span<std::uint8_t, size> out) {
  curve25519_x25519base_byte_alt(out.data(), key.data());
}

bool agree(std::span<const std::uint8_t, size> key, std::span<const std::uint8_t, size> peer,
           std::span<std::uint8_t, size> out) {
  curve25519_x25519_byte_alt(out.data(), key.data(), peer.data());
  std::uint8_t any = 0;
  for (const std::uint8_t byte : out) any |= byte;
  return any != 0;
}

}  // namespace tunnel::tls::x25519
