// Opened plaintext in pieces: short ones close up, long ones stay, and the order is kept.
#include "tls/record/fragments.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace tunnel::tls {
namespace {

using Bytes = std::vector<std::byte>;

Bytes counted(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::byte>(i * 31 + i / 256);
  return out;
}

// Cuts a block into pieces of these sizes with gaps of 22 bytes, as records leave them.
struct Cut {
  explicit Cut(const std::vector<std::size_t>& sizes) {
    const std::size_t total = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
    const Bytes text = counted(total);
    block.resize(total + 22 * sizes.size());
    std::size_t at = 0, from = 0;
    for (const std::size_t size : sizes) {
      at += 22;
      std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(from), size,
                  block.begin() + static_cast<std::ptrdiff_t>(at));
      pieces.add(std::span(block).subspan(at, size));
      at += size;
      from += size;
    }
    Bytes got;
    for (const auto piece : pieces.all()) got.insert(got.end(), piece.begin(), piece.end());
    CHECK(got == text);
    CHECK_EQ(pieces.size(), total);
    CHECK_EQ(pieces.empty(), total == 0);
  }

  Bytes block;
  Fragments pieces;
};

TEST_CASE("nothing adds nothing") {
  CHECK_EQ(Cut({}).pieces.all().size(), 0);
  CHECK_EQ(Cut({0, 0}).pieces.all().size(), 0);
  CHECK_EQ(Cut({0, 7, 0}).pieces.all().size(), 1);
}

TEST_CASE("short pieces become one") {
  const Cut cut({1, 2, 3, 1023});
  REQUIRE_EQ(cut.pieces.all().size(), 1);
  CHECK_EQ(cut.pieces.all()[0].size(), 1029);
}

TEST_CASE("long pieces stay where they are") {
  const Cut cut({1024, 16'384, 5000});
  REQUIRE_EQ(cut.pieces.all().size(), 3);
  CHECK_EQ(cut.pieces.all()[1].data(), cut.block.data() + 22 + 1024 + 22);
}

TEST_CASE("a short piece joins the long one before it, and a long one after it stands alone") {
  const Cut cut({16'384, 10, 16'384, 10});
  REQUIRE_EQ(cut.pieces.all().size(), 2);
  CHECK_EQ(cut.pieces.all()[0].size(), 16'394);
  CHECK_EQ(cut.pieces.all()[1].size(), 16'394);
}

TEST_CASE("beyond the capacity long pieces are joined too") {
  const Cut full(std::vector<std::size_t>(Fragments::capacity, 2000));
  CHECK_EQ(full.pieces.all().size(), Fragments::capacity);
  const Cut over(std::vector<std::size_t>(3 * Fragments::capacity, 2000));
  CHECK_EQ(over.pieces.all().size(), Fragments::capacity);
}

TEST_CASE("any sizes come out in order") {
  std::vector<std::size_t> sizes;
  std::size_t x = 1;
  for (int i = 0; i < 500; ++i) {
    x = (x * 1103515245 + 12345) % 2147483648;
    sizes.push_back((x >> 8) % 3 == 0 ? (x >> 12) % 3000 : (x >> 12) % 40);
  }
  const Cut cut(sizes);
  CHECK_LE(cut.pieces.all().size(), Fragments::capacity);
}

}  // namespace
}  // namespace tunnel::tls
