// The big buffers of a worker, lent while bytes are in flight: an idle connection holds none.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "net/write_batch.hpp"
#include "tls/record/fragments.hpp"
#include "tls/record/record_layout.hpp"

namespace tunnel::net {

// For one thread. A block stays lent until its bytes are sent, and a peer that doesn't read can
// delay that for long. Once many blocks are lent, further ones are small.
class Buffers {
  struct Size {
    std::size_t records;  // full ones that fit, whatever the version and suite
    std::size_t limit;    // used while fewer blocks than this are lent
  };
  static constexpr std::array<Size, 2> sizes{
      {{16, 256}, {4, std::numeric_limits<std::size_t>::max()}}};

  // The bytes, where the plaintext lies in them, and what is to be sent.
  struct Block {
    explicit Block(std::size_t size_) : size(size_) {}
    std::size_t records() const { return sizes[size].records; }
    std::size_t room() const { return records() * (tls::max_plaintext + 32); }

    std::size_t size;  // which of `sizes`
    std::unique_ptr<std::byte[]> bytes = std::make_unique_for_overwrite<std::byte[]>(room());
    tls::Fragments fragments;
    WriteBatch batch;
  };

 public:
  static constexpr std::size_t most_records = sizes.front().records;

  // Returns the block when it ends.
  class Lease {
   public:
    explicit Lease(Buffers& owner) : owner_(&owner), block_(owner.acquire()) {}
    Lease(Lease&& other) noexcept : owner_(other.owner_), block_(std::move(other.block_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (block_) owner_->release(std::move(block_));
    }
    std::span<std::byte> bytes() { return {block_->bytes.get(), block_->room()}; }
    std::size_t records() const { return block_->records(); }
    tls::Fragments& fragments() { return block_->fragments; }
    WriteBatch& batch() { return block_->batch; }

   private:
    Buffers* owner_;
    std::unique_ptr<Block> block_;
  };

  Lease borrow() { return Lease(*this); }

 private:
  // Returning a block allocates nothing. Beyond `kept` of a size, spare blocks are freed.
  struct Spare {
    static constexpr std::size_t kept = 4;
    std::array<std::unique_ptr<Block>, kept> blocks;
    std::size_t count = 0;
  };

  std::unique_ptr<Block> acquire() {
    std::size_t size = 0;
    while (lent_ >= sizes[size].limit) ++size;
    Spare& spare = spare_[size];
    auto block =
        spare.count > 0 ? std::move(spare.blocks[--spare.count]) : std::make_unique<Block>(size);
    block->fragments.clear();
    block->batch.clear();
    ++lent_;
    return block;
  }

  void release(std::unique_ptr<Block> block) {
    --lent_;
    Spare& spare = spare_[block->size];
    if (spare.count < Spare::kept) spare.blocks[spare.count++] = std::move(block);
  }

  std::array<Spare, sizes.size()> spare_;
  std::size_t lent_ = 0;
};

}  // namespace tunnel::net
