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

// Belongs to one thread. A block stays lent until its bytes are sent, which a peer that does not
// read may put off for long: once many are, further ones are small.
class Buffers {
  struct Size {
    std::size_t records;  // full ones that it has room for, whatever their version and suite
    std::size_t limit;    // only where fewer blocks than these are lent
  };
  static constexpr std::array<Size, 2> sizes{
      {{16, 256}, {4, std::numeric_limits<std::size_t>::max()}}};

  // What one turn of a connection works with: its bytes, where the plaintext lies in them, and what
  // is to be sent.
  struct Block {
    explicit Block(std::size_t size_) : size(size_) {}
    std::size_t records() const { return sizes[size].records; }
    std::size_t room() const { return records() * (tls::max_plaintext + 32); }

    std::size_t size;  // which of `sizes`
    std::unique_ptr<std::byte[]> bytes = std::make_unique_for_overwrite<std::byte[]>(room());
    tls::Fragments pieces;
    WriteBatch gather;
  };

 public:
  static constexpr std::size_t most_records = sizes.front().records;

  // A block that goes back when the lease ends.
  class Lease {
   public:
    explicit Lease(Buffers& owner) : owner_(&owner), block_(owner.take_block()) {}
    Lease(Lease&& other) noexcept : owner_(other.owner_), block_(std::move(other.block_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (block_) owner_->put_back(std::move(block_));
    }
    std::span<std::byte> bytes() { return {block_->bytes.get(), block_->room()}; }
    std::size_t records() const { return block_->records(); }
    tls::Fragments& fragments() { return block_->pieces; }
    WriteBatch& batch() { return block_->gather; }

   private:
    Buffers* owner_;
    std::unique_ptr<Block> block_;
  };

  Lease borrow() { return Lease(*this); }

 private:
  // Returning a block allocates nothing. Beyond `kept` of a size, spare ones go to the system.
  struct Spare {
    static constexpr std::size_t kept = 4;
    std::array<std::unique_ptr<Block>, kept> blocks;
    std::size_t count = 0;
  };

  std::unique_ptr<Block> take_block() {
    std::size_t size = 0;
    while (lent_ >= sizes[size].limit) ++size;
    Spare& spare = spare_[size];
    auto block =
        spare.count > 0 ? std::move(spare.blocks[--spare.count]) : std::make_unique<Block>(size);
    block->pieces.clear();
    block->gather.clear();
    ++lent_;
    return block;
  }

  void put_back(std::unique_ptr<Block> block) {
    --lent_;
    Spare& spare = spare_[block->size];
    if (spare.count < Spare::kept) spare.blocks[spare.count++] = std::move(block);
  }

  std::array<Spare, sizes.size()> spare_;
  std::size_t lent_ = 0;
};

}  // namespace tunnel::net
