// Counts the protected records of TLS 1.3 that go by, in pieces of any size.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tls/record/protection.hpp"

namespace tunnel::tls {

class RecordCounter {
 public:
  void look(std::span<const std::byte> wire) {
    while (!wire.empty()) {
      if (header_size_ < header_.size()) {
        header_[header_size_++] = wire.front();
        wire = wire.subspan(1);
        if (header_size_ < header_.size()) continue;
        left_ = std::to_integer<std::size_t>(header_[3]) << 8 |
                std::to_integer<std::size_t>(header_[4]);
      }
      const std::size_t n = std::min(left_, wire.size());
      left_ -= n;
      wire = wire.subspan(n);
      if (left_ > 0) continue;
      header_size_ = 0;
      if (static_cast<ContentType>(header_[0]) == ContentType::application_data) ++count_;
    }
  }

  // From now on, at the end of a record.
  void start() { count_ = 0; }
  std::uint64_t count() const { return count_; }
  bool between_records() const { return header_size_ == 0; }

 private:
  std::array<std::byte, record_header_size> header_{};
  std::size_t header_size_ = 0;
  std::size_t left_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace tunnel::tls
