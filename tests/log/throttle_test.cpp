// Which repeated events are logged, and which are only counted.
#include "log/throttle.hpp"

#include <doctest/doctest.h>

namespace tunnel {
namespace {

TEST_CASE("the first events of a source are logged, the rest are counted") {
  LogThrottle throttle(10, 2);
  CHECK(throttle.should_log("a"));
  CHECK(throttle.should_log("a"));
  CHECK_FALSE(throttle.should_log("a"));
  CHECK_FALSE(throttle.should_log("a"));
  CHECK(throttle.should_log("b"));
  const auto summary = throttle.collect();
  REQUIRE(summary.has_value());
  CHECK_EQ(summary->events, 2);
  CHECK_EQ(summary->sources, 1);
  CHECK_EQ(summary->origin(), "of a");
  CHECK_FALSE(throttle.collect().has_value());
}

TEST_CASE(
    "a source that keeps on is only counted, one that was quiet for a round is logged again") {
  LogThrottle throttle(10, 1);
  CHECK(throttle.should_log("a"));
  CHECK_FALSE(throttle.collect().has_value());  // it was logged
  CHECK_FALSE(throttle.should_log("a"));
  const auto summary = throttle.collect();
  REQUIRE(summary.has_value());
  CHECK_EQ(summary->events, 1);
  CHECK_FALSE(throttle.collect().has_value());  // a round in which it was quiet
  CHECK(throttle.should_log("a"));
}

TEST_CASE("of several sources the worst is named") {
  LogThrottle throttle(10, 1);
  for (int i = 0; i < 3; ++i) throttle.should_log("a");
  for (int i = 0; i < 5; ++i) throttle.should_log("b");
  throttle.should_log("c");
  const auto summary = throttle.collect();
  REQUIRE(summary.has_value());
  CHECK_EQ(summary->events, 6);
  CHECK_EQ(summary->origin(), "of 2 sources, most of b (4)");
}

TEST_CASE("however many sources there are, the number of logged events is limited") {
  LogThrottle throttle(3, 2);
  int logged = 0;
  for (int round = 0; round < 100; ++round)
    for (int i = 0; i < 1000; ++i) logged += throttle.should_log(std::to_string(i)) ? 1 : 0;
  CHECK_EQ(logged, 6);
  const auto summary = throttle.collect();
  REQUIRE(summary.has_value());
  CHECK_EQ(summary->events, 100'000 - 6);
  CHECK_EQ(summary->origin(), "of more than 3 sources, most of 0 (98)");
}

TEST_CASE("sources beyond the limit are counted too") {
  LogThrottle throttle(1, 1);
  CHECK(throttle.should_log("a"));
  CHECK_FALSE(throttle.should_log("b"));
  const auto summary = throttle.collect();
  REQUIRE(summary.has_value());
  CHECK_EQ(summary->events, 1);
  CHECK_EQ(summary->origin(), "of many sources");
  // and are logged once the others are quiet
  CHECK_FALSE(throttle.collect().has_value());
  CHECK(throttle.should_log("b"));
}

}  // namespace
}  // namespace tunnel
