// Random bytes from PSA's generator, in the shape that mbedTLS's callbacks have.
#pragma once

#include <psa/crypto.h>

#include <cstddef>

namespace tunnel::x509 {

inline int random_bytes(void*, unsigned char* out, std::size_t n) {
  return psa_generate_random(out, n) == PSA_SUCCESS ? 0 : -1;
}

}  // namespace tunnel::x509
