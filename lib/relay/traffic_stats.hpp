// Byte counters: written by the worker that forwards the bytes, readable from every thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace tunnel {

// One thread writes it, so an addition needs no locked instruction; any thread reads it.
class ByteCounter {
 public:
  void add(std::uint64_t n) { value_.store(value() + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n) { value_.store(value() - n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
  std::atomic<std::uint64_t> value_{0};
};

// Bytes of content, without TLS overhead. Up is from the client to the target. A byte counts once
// it is written to the far side's socket.
struct TrafficStats {
  ByteCounter up;
  ByteCounter down;
};

// The traffic of one worker since the start.
struct Traffic {
  TrafficStats bytes;
  ByteCounter opened;  // connections whose bytes could flow
  ByteCounter open;    // of them, those that have not ended
};

// Counts as an open connection for as long as it lives. The traffic outlives it.
class OpenConnection {
 public:
  explicit OpenConnection(Traffic& traffic) : traffic_(traffic) {
    traffic_.opened.add(1);
    traffic_.open.add(1);
  }
  ~OpenConnection() { traffic_.open.subtract(1); }
  OpenConnection(const OpenConnection&) = delete;
  OpenConnection& operator=(const OpenConnection&) = delete;

 private:
  Traffic& traffic_;
};

// The values of one worker, or the sum of several.
struct Totals {
  std::uint64_t up = 0;
  std::uint64_t down = 0;
  std::uint64_t opened = 0;
  std::uint64_t open = 0;

  Totals& operator+=(const Traffic& traffic) {
    up += traffic.bytes.up.value();
    down += traffic.bytes.down.value();
    opened += traffic.opened.value();
    open += traffic.open.value();
    return *this;
  }
  bool operator==(const Totals&) const = default;
};

}  // namespace tunnel
