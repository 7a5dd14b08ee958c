// Key material: bytes that are wiped when they go.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <mbedtls/platform_util.h>

namespace tunnel::tls {

// Up to 48 bytes: a key, a traffic secret, a TLS 1.2 master secret.
class Secret {
 public:
  static constexpr std::size_t capacity = 48;

  Secret() = default;
  explicit Secret(std::size_t size) : size_(std::min(size, capacity)) {}
  explicit Secret(std::span<const std::byte> bytes) : Secret(bytes.size()) {
    std::copy_n(bytes.begin(), size_, bytes_.begin());
  }
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret() { mbedtls_platform_zeroize(bytes_.data(), bytes_.size()); }

  bool empty() const { return size_ == 0; }
  std::span<const std::byte> bytes() const { return std::span(bytes_).first(size_); }
  std::span<std::byte> bytes() { return std::span(bytes_).first(size_); }

 private:
  std::array<std::byte, capacity> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace tunnel::tls
