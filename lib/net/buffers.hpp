// The big buffers of a worker, lent while bytes are in flight: an idle connection holds none.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "net/gather.hpp"
#include "tls/frame.hpp"
#include "tls/pieces.hpp"

namespace tunnel::net {

// Belongs to one thread.
class Buffers {
 public:
  // Full records that a block has room for, whatever their version and suite.
  static constexpr std::size_t records = 16;
  static constexpr std::size_t block_size = records * (tls::max_plaintext + 32);

  // What one turn of a connection works with: its bytes, where the plaintext lies in them, and what
  // is to be sent.
  struct Block {
    tls::Pieces pieces;
    Gather gather;
    std::byte bytes[block_size];
  };

  // A block that goes back when the lease ends.
  class Lease {
   public:
    explicit Lease(Buffers& owner) : owner_(&owner), block_(owner.take_block()) {}
    Lease(Lease&& other) noexcept : owner_(other.owner_), block_(std::move(other.block_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (block_ && owner_->blocks_.size() < kept) owner_->blocks_.push_back(std::move(block_));
    }
    std::span<std::byte> bytes() { return block_->bytes; }
    tls::Pieces& pieces() { return block_->pieces; }
    Gather& gather() { return block_->gather; }

   private:
    Buffers* owner_;
    std::unique_ptr<Block> block_;
  };

  Lease borrow() { return Lease(*this); }

 private:
  // Beyond this many, spare blocks go back to the system.
  static constexpr std::size_t kept = 4;

  std::unique_ptr<Block> take_block() {
    if (blocks_.empty()) return std::make_unique_for_overwrite<Block>();
    auto block = std::move(blocks_.back());
    blocks_.pop_back();
    block->pieces.clear();
    block->gather.clear();
    return block;
  }

  std::vector<std::unique_ptr<Block>> blocks_;
};

}  // namespace tunnel::net
