// RSA signatures (RFC 8017: PKCS #1 v1.5 and PSS with MGF1) over AWS-LC, several times as fast as
// mbedTLS's.
//
// Keys are DER as PKCS #1 has it (RFC 8017 appendix A.1). What touches a secret is blinded, and
// takes the same time for every secret.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tunnel::tls::rsa {

enum class Hash { sha256, sha384, sha512 };
// pss: the salt is as long as the hash. pss_any_salt: or of another length, in what is verified.
enum class Padding { pkcs1, pss, pss_any_salt };
// unsupported: another implementation may know the key.
enum class Result { ok, wrong, unsupported };

// `out` has room for the modulus; `size` is how much of it is used.
Result sign(std::span<const std::uint8_t> private_key, Padding padding, Hash hash,
            std::span<const std::uint8_t> digest, std::span<std::uint8_t> out, std::size_t& size);

Result verify(std::span<const std::uint8_t> public_key, Padding padding, Hash hash,
              std::span<const std::uint8_t> digest, std::span<const std::uint8_t> signature);

}  // namespace tunnel::tls::rsa
