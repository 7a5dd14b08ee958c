// The back-ends by name; CMake compiles some of them, and aead_list.hpp says which.
#pragma once

#include <type_traits>

#include "tls/record/aead/aead.hpp"

namespace tunnel::tls {

// Each is made at its first call, and stays.
const AeadBackend& aws_lc_backend();
const AeadBackend& ipsec_mb_backend();
const AeadBackend& libsodium_backend();
const AeadBackend& psa_backend();

// For libraries that want an address even where there is nothing.
template <typename Byte, std::size_t extent>
auto* address(std::span<Byte, extent> bytes) {
  static std::byte nothing{};
  using Octet = std::conditional_t<std::is_const_v<Byte>, const unsigned char, unsigned char>;
  return reinterpret_cast<Octet*>(bytes.empty() ? &nothing : bytes.data());
}

}  // namespace tunnel::tls
