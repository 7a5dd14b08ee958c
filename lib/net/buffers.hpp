// The big buffers of a worker, lent while bytes are in flight: an idle connection holds none.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tls/frame.hpp"

namespace tunnel::net {

// Belongs to one thread.
class Buffers {
 public:
  // Full records that a block has room for, whatever their version and suite.
  static constexpr std::size_t records = 16;
  static constexpr std::size_t block_size = records * (tls::max_plaintext + 32);

  // A block that goes back when the lease ends.
  class Lease {
   public:
    explicit Lease(Buffers& owner) : owner_(&owner), block_(owner.take_block()) {}
    Lease(Lease&& other) noexcept : owner_(other.owner_), block_(std::move(other.block_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (block_ && owner_->blocks_.size() < kept) owner_->blocks_.push_back(std::move(block_));
    }
    std::span<std::byte> bytes() { return {block_.get(), block_size}; }

   private:
    Buffers* owner_;
    std::unique_ptr<std::byte[]> block_;
  };

  Lease borrow() { return Lease(*this); }

 private:
  // Beyond this many, spare blocks go back to the system.
  static constexpr std::size_t kept = 4;

  std::unique_ptr<std::byte[]> take_block() {
    if (blocks_.empty()) return std::make_unique_for_overwrite<std::byte[]>(block_size);
    auto block = std::move(blocks_.back());
    blocks_.pop_back();
    return block;
  }

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
};

}  // namespace tunnel::net
