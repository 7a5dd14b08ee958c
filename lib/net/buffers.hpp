// The big buffers of a worker, lent while bytes are in flight: an idle connection holds none.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tls/engine.hpp"

namespace tunnel::net {

// Belongs to one thread.
class Buffers {
 public:
  static constexpr std::size_t receive_size = 128 * 1024;
  // What one receive can decrypt to: itself, and the rest of a record that came before.
  static constexpr std::size_t plain_size = receive_size + 17 * 1024;

  // A block of plain_size bytes that goes back when the lease ends.
  class Lease {
   public:
    explicit Lease(Buffers& owner) : owner_(&owner), block_(owner.take_block()) {}
    Lease(Lease&& other) noexcept : owner_(other.owner_), block_(std::move(other.block_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() { end(); }
    // Before its time: bytes() is empty from then on.
    void end() {
      if (block_) owner_->blocks_.push_back(std::move(block_));
    }
    std::span<std::byte> bytes() { return {block_.get(), block_ ? plain_size : 0}; }

   private:
    Buffers* owner_;
    std::unique_ptr<std::byte[]> block_;
  };

  Lease borrow() { return Lease(*this); }

  // An empty vector with room, for output; and its way back.
  tls::Bytes take_bytes() {
    if (bytes_.empty()) return {};
    tls::Bytes out = std::move(bytes_.back());
    bytes_.pop_back();
    return out;
  }
  void give_back(tls::Bytes&& bytes) {
    bytes.clear();
    if (bytes.capacity() > 0 && bytes_.size() < kept) bytes_.push_back(std::move(bytes));
    bytes = {};
  }

 private:
  // Beyond this many, spare buffers go back to the system.
  static constexpr std::size_t kept = 32;

  std::unique_ptr<std::byte[]> take_block() {
    if (blocks_.size() > kept) blocks_.resize(kept);
    if (blocks_.empty()) return std::make_unique_for_overwrite<std::byte[]>(plain_size);
    auto block = std::move(blocks_.back());
    blocks_.pop_back();
    return block;
  }

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::vector<tls::Bytes> bytes_;
};

}  // namespace tunnel::net
