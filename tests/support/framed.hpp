// Plaintext laid out in frames, in memory of exactly the size that its records need.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>

#include "tls/record/record_layout.hpp"

namespace tunnel::test {

struct Framed {
  std::unique_ptr<std::byte[]> memory;
  std::size_t size = 0;
  std::span<std::byte> block() const { return {memory.get(), size}; }
};

inline Framed framed(std::span<const std::byte> plain, const tls::RecordLayout& frame) {
  const std::size_t records = (plain.size() + tls::max_plaintext - 1) / tls::max_plaintext;
  Framed out;
  out.size = records * frame.size(0) + plain.size();
  out.memory = std::make_unique<std::byte[]>(out.size);
  std::byte* at = out.memory.get();
  while (!plain.empty()) {
    const std::size_t n = std::min(plain.size(), tls::max_plaintext);
    std::copy_n(plain.begin(), n, at + frame.head);
    at += frame.size(n);
    plain = plain.subspan(n);
  }
  return out;
}

}  // namespace tunnel::test
