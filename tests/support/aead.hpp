// What the tests of the AEAD back-ends share: bytes in hexadecimal or made up, and a run over all
// of them.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tls/record/aead/aead.hpp"

namespace tunnel::test {

using Bytes = std::vector<std::byte>;
using Nonce = std::array<std::byte, tls::nonce_size>;
using Tag = std::array<std::byte, tls::tag_size>;

inline Bytes from_hex(std::string_view text) {
  Bytes bytes;
  if (text.size() % 2 != 0) throw std::invalid_argument("half a byte of hexadecimal");
  for (std::size_t i = 0; i < text.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

// The same in every run.
class Noise {
 public:
  void fill(std::span<std::byte> bytes) {
    for (auto& byte : bytes) byte = static_cast<std::byte>(engine_());
  }
  Bytes bytes(std::size_t size) {
    Bytes made(size);
    fill(made);
    return made;
  }
  Nonce nonce() {
    Nonce made;
    fill(made);
    return made;
  }

 private:
  std::mt19937 engine_{20260131};
};

constexpr std::string_view name(tls::Cipher cipher) {
  switch (cipher) {
    case tls::Cipher::aes_128_gcm:
      return "aes-128-gcm";
    case tls::Cipher::aes_256_gcm:
      return "aes-256-gcm";
    case tls::Cipher::chacha20_poly1305:
      return "chacha20-poly1305";
  }
  return {};
}

inline bool all_zero(std::span<const std::byte> bytes) {
  for (const std::byte byte : bytes)
    if (byte != std::byte{}) return false;
  return true;
}

// Calls `check(backend, cipher)` for all that this machine runs.
template <typename Check>
void for_each_aead(Check check) {
  for (const tls::AeadBackend* backend : tls::aead_backends()) {
    for (const tls::Cipher cipher : tls::all_ciphers) {
      if (!backend->supports(cipher)) continue;
      const std::string library(backend->name());
      const std::string_view which = name(cipher);
      CAPTURE(library);
      CAPTURE(which);
      check(*backend, cipher);
    }
  }
}

}  // namespace tunnel::test
