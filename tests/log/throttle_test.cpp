// What is told of events that come again and again, and what is only counted.
#include "log/throttle.hpp"

#include <doctest/doctest.h>

namespace tunnel {
namespace {

TEST_CASE("the first events of a source are told, the rest are one number") {
  LogThrottle fold(10, 2);
  CHECK(fold.tell("a"));
  CHECK(fold.tell("a"));
  CHECK_FALSE(fold.tell("a"));
  CHECK_FALSE(fold.tell("a"));
  CHECK(fold.tell("b"));
  const auto summary = fold.collect();
  REQUIRE(summary.has_value());
  CHECK_EQ(summary->events, 2);
  CHECK_EQ(summary->sources, 1);
  CHECK_EQ(summary->whose(), "of a");
  CHECK_FALSE(fold.collect().has_value());
}

TEST_CASE("who goes on is counted on, who was quiet for a round is told again") {
  LogThrottle fold(10, 1);
  CHECK(fold.tell("a"));
  CHECK_FALSE(fold.collect().has_value());  // it was told
  CHECK_FALSE(fold.tell("a"));
  const auto summary = fold.collect();
  REQUIRE(summary.has_value());
  CHECK_EQ(summary->events, 1);
  CHECK_FALSE(fold.collect().has_value());  // a round in which it was quiet
  CHECK(fold.tell("a"));
}

TEST_CASE("of several sources the worst is named") {
  LogThrottle fold(10, 1);
  for (int i = 0; i < 3; ++i) fold.tell("a");
  for (int i = 0; i < 5; ++i) fold.tell("b");
  fold.tell("c");
  const auto summary = fold.collect();
  REQUIRE(summary.has_value());
  CHECK_EQ(summary->events, 6);
  CHECK_EQ(summary->whose(), "of 2 sources, most of b (4)");
}

TEST_CASE("however many sources come, so many are told and no more") {
  LogThrottle fold(3, 2);
  int told = 0;
  for (int round = 0; round < 100; ++round)
    for (int i = 0; i < 1000; ++i) told += fold.tell(std::to_string(i)) ? 1 : 0;
  CHECK_EQ(told, 6);
  const auto summary = fold.collect();
  REQUIRE(summary.has_value());
  CHECK_EQ(summary->events, 100'000 - 6);
  CHECK_EQ(summary->whose(), "of more than 3 sources, most of 0 (98)");
}

TEST_CASE("sources that there was no room for are counted too") {
  LogThrottle fold(1, 1);
  CHECK(fold.tell("a"));
  CHECK_FALSE(fold.tell("b"));
  const auto summary = fold.collect();
  REQUIRE(summary.has_value());
  CHECK_EQ(summary->events, 1);
  CHECK_EQ(summary->whose(), "of many sources");
  // and room is made for them once the others are quiet
  CHECK_FALSE(fold.collect().has_value());
  CHECK(fold.tell("b"));
}

}  // namespace
}  // namespace tunnel
