// The reserve, and the handler of std::set_new_handler that spends it.
#include "base/memory_reserve.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace tunnel {

namespace {

// Large enough for what one handshake or one line of the log asks for at a time.
constexpr std::size_t piece = 64 << 10;

// The handler is told nothing but that it is called, so this cannot be anybody's.
std::array<std::atomic<void*>, 16> pieces;  // NOLINT: see above

void spend() {
  for (std::atomic<void*>& each : pieces)
    if (void* const spent = each.exchange(nullptr)) return std::free(spent);
  throw std::bad_alloc();
}

}  // namespace

bool fill_memory_reserve() noexcept {
  std::set_new_handler(spend);
  for (std::atomic<void*>& each : pieces) {
    if (each.load() != nullptr) continue;
    void* const fresh = std::malloc(piece);  // not by `new`, which would spend what there is
    if (fresh == nullptr) return false;
    void* none = nullptr;
    if (!each.compare_exchange_strong(none, fresh)) std::free(fresh);  // another thread was here
  }
  return true;
}

}  // namespace tunnel
