// What is kept aside, and how it is spent.
#include "base/memory_reserve.hpp"

#include <doctest/doctest.h>

#include <new>

using tunnel::fill_memory_reserve;

// As `new` does where malloc() has nothing.
TEST_CASE("the handler gives back piece after piece, and then gives up") {
  REQUIRE(fill_memory_reserve());
  const std::new_handler handler = std::get_new_handler();
  REQUIRE(handler != nullptr);
  int pieces = 0;
  try {
    for (; pieces < 1000; ++pieces) handler();
  } catch (const std::bad_alloc&) {
  }
  CHECK_EQ(pieces, 16);
  // and is there again
  CHECK(fill_memory_reserve());
  CHECK_NOTHROW(handler());
  CHECK(fill_memory_reserve());
}
