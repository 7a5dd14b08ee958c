// Counts that one thread writes and another reads.
#include "relay/traffic_stats.hpp"

#include <doctest/doctest.h>

#include <array>
#include <thread>

namespace tunnel {
namespace {

TEST_CASE("a reader on another thread sees a count grow, and in the end all of it") {
  constexpr std::uint64_t steps = 200'000;
  TrafficStats flow;
  std::thread writer([&flow] {
    for (std::uint64_t i = 0; i < steps; ++i) flow.up.add(3);
  });
  std::uint64_t last = 0;
  while (last < 3 * steps) {
    const std::uint64_t now = flow.up.value();
    REQUIRE_GE(now, last);
    REQUIRE_EQ(now % 3, 0);
    last = now;
  }
  writer.join();
  CHECK_EQ(flow.up.value(), 3 * steps);
  CHECK_EQ(flow.down.value(), 0);
}

TEST_CASE("a connection is open for as long as it lives, and counts as opened for ever") {
  Traffic traffic;
  {
    const OpenConnection one(traffic);
    const OpenConnection two(traffic);
    CHECK_EQ(traffic.open.value(), 2);
    CHECK_EQ(traffic.opened.value(), 2);
  }
  const OpenConnection three(traffic);
  CHECK_EQ(traffic.open.value(), 1);
  CHECK_EQ(traffic.opened.value(), 3);
}

TEST_CASE("the totals are of all workers together, none of which writes to another's cache line") {
  std::array<Traffic, 2> workers;
  workers[0].bytes.up.add(5);
  workers[1].bytes.up.add(7);
  workers[1].bytes.down.add(9);
  workers[0].opened.add(2);
  workers[0].open.add(1);
  Totals totals;
  for (const Traffic& worker : workers) totals += worker;
  CHECK_EQ(totals, Totals{12, 9, 2, 1});
}

}  // namespace
}  // namespace tunnel
