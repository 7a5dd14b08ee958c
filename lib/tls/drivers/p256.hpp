// The curve P-256 (FIPS 186-5, SP 800-186) over AWS-LC: keys, ECDH and ECDSA.
//
// Scalars and coordinates are 32 bytes, big-endian; a public key is X and Y, a signature r and s.
// What touches a secret takes the same time and the same memory for every secret.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tunnel::tls::p256 {

constexpr std::size_t scalar_size = 32;
constexpr std::size_t point_size = 64;
constexpr std::size_t signature_size = 64;

using Scalar = std::span<const std::uint8_t, scalar_size>;
using Point = std::span<const std::uint8_t, point_size>;

// From 1 to the order of the group less one.
bool is_private_key(Scalar key);

// Coordinates below p that satisfy the equation. The group has prime order, so nothing else can be
// wrong with a point (SP 800-56A section 5.6.2.3.4).
bool is_public_key(Point key);

// False where `key` is no private key.
bool public_key(Scalar key, std::span<std::uint8_t, point_size> out);

// The x coordinate of key * peer. False where either key is not valid.
bool agree(Scalar key, Point peer, std::span<std::uint8_t, scalar_size> out);

// The nonce comes of random bytes, the key and the hash, so that a generator that fails, or that a
// restored snapshot sets back, does not give the key away. False where the key is not valid or
// memory runs out.
bool sign(Scalar key, std::span<const std::uint8_t> hash,
          std::span<std::uint8_t, signature_size> out);

// Whether the signature is good (FIPS 186-5 section 6.4.2). False too where the key is not valid.
bool verify(Point key, std::span<const std::uint8_t> hash,
            std::span<const std::uint8_t, signature_size> signature);

}  // namespace tunnel::tls::p256
