// The expanded forms of the keys that a thread has used last.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <type_traits>

#include <mbedtls/platform_util.h>

namespace tunnel::tls {

// An expanded key is up to a kilobyte: what thousands of quiet connections would need most of their
// memory for. So each thread keeps those of the keys that it used last, each in the slot of its
// number, and expands another when it comes, in a fraction of a microsecond. They are wiped when
// they go.
template <typename Expanded>
class ExpandedKeys {
 public:
  // Those of the calling thread.
  static ExpandedKeys& here() {
    thread_local const auto keys = std::make_unique<ExpandedKeys>();
    return *keys;
  }

  // A number for a new key: its alone, in all threads.
  static std::uint64_t next_number() {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
  }

  ExpandedKeys() = default;
  ~ExpandedKeys() {
    for (Slot& slot : slots_) wipe(slot);
  }
  ExpandedKeys(const ExpandedKeys&) = delete;
  ExpandedKeys& operator=(const ExpandedKeys&) = delete;

  // `expand` is called with the place for it, and says whether it has filled it; null where not.
  template <typename Expand>
  const Expanded* get(std::uint64_t number, Expand expand) {
    Slot& slot = slots_[number % slots_.size()];
    if (slot.number != number) {
      slot.number = 0;
      if (!expand(slot.key)) return nullptr;
      slot.number = number;
    }
    return &slot.key;
  }

  void forget(std::uint64_t number) {
    Slot& slot = slots_[number % slots_.size()];
    if (slot.number == number) wipe(slot);
  }

 private:
  static_assert(std::is_trivially_copyable_v<Expanded>, "it is wiped, not destroyed");

  struct Slot {
    alignas(64) Expanded key;  // wide loads want this alignment
    std::uint64_t number = 0;
  };

  static void wipe(Slot& slot) {
    mbedtls_platform_zeroize(&slot.key, sizeof slot.key);
    slot.number = 0;
  }

  std::array<Slot, 32> slots_;
};

}  // namespace tunnel::tls
