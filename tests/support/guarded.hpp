// Bytes that end where memory ends, so that a step beyond shows in code that no sanitizer sees
// into.
#pragma once

#include <cstddef>
#include <new>
#include <span>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#include <unistd.h>
#else
#include <memory>
#endif

namespace tunnel::test {

#if __has_include(<sys/mman.h>)
class Guarded {
 public:
  explicit Guarded(std::size_t size) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    inner_ = (size + page - 1) / page * page;
    mapped_ = inner_ + page;
    void* start =
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) throw std::bad_alloc();
    start_ = static_cast<std::byte*>(start);
    if (mprotect(start_ + inner_, page, PROT_NONE) != 0) throw std::bad_alloc();
  }
  ~Guarded() { munmap(start_, mapped_); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  // The last `n` bytes before the edge.
  std::span<std::byte> last(std::size_t n) const { return {start_ + inner_ - n, n}; }

 private:
  std::size_t inner_ = 0, mapped_ = 0;
  std::byte* start_ = nullptr;
};
#else
class Guarded {
 public:
  explicit Guarded(std::size_t size) : size_(size), bytes_(new std::byte[size]) {}

  std::span<std::byte> last(std::size_t n) const { return {bytes_.get() + size_ - n, n}; }

 private:
  std::size_t size_;
  std::unique_ptr<std::byte[]> bytes_;
};
#endif

}  // namespace tunnel::test
