// X25519 (RFC 7748 section 5) over AWS-LC.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tunnel::tls::x25519 {

constexpr std::size_t size = 32;  // of a private key, a public key and a shared secret

// Sets the bits of a private key that are not free.
void clamp(std::span<std::uint8_t, size> key);

void public_key(std::span<const std::uint8_t, size> key, std::span<std::uint8_t, size> out);

// False where the peer's point has a small order, for then the secret is zero whatever our key
// (RFC 8446 section 7.4.2 has the connection end).
bool agree(std::span<const std::uint8_t, size> key, std::span<const std::uint8_t, size> peer,
           std::span<std::uint8_t, size> out);

}  // namespace tunnel::tls::x25519
