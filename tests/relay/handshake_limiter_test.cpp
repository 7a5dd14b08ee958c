// Who may wait in a handshake, and who has to go for another.
#include "relay/handshake_limiter.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "config/values.hpp"

namespace tunnel {
namespace {

using namespace std::chrono_literals;
using Clock = HandshakeLimiter::Clock;
using Id = HandshakeLimiter::Id;

config::Address address(const std::string& text) {
  const auto bytes = address_bytes(text);
  REQUIRE(bytes.has_value());
  return config::Address(*bytes);
}

config::Address number(unsigned n) {
  return address("10." + std::to_string(n >> 16 & 255) + "." + std::to_string(n >> 8 & 255) + "." +
                 std::to_string(n & 255));
}

const Clock::time_point start{};

HandshakeLimiter::Limits small() {
  HandshakeLimiter::Limits limits;
  limits.all = 10;
  limits.each = 4;
  limits.suspicious = 2;
  limits.patience = 1s;
  limits.failures = 5;
  limits.forgiven = 1;
  limits.remembered = 3;
  return limits;
}

TEST_CASE("a source is an IPv4 address, or what a network gives one IPv6 host") {
  CHECK_EQ(HandshakeLimiter::source_of(address("192.0.2.7")).text(), "192.0.2.7");
  CHECK_EQ(HandshakeLimiter::source_of(address("2001:db8:1:2:3:4:5:6")).text(), "2001:db8:1:2::");
  CHECK(HandshakeLimiter::source_of(address("2001:db8:1:2::1")) ==
        HandshakeLimiter::source_of(address("2001:db8:1:2:ffff::")));
  CHECK(HandshakeLimiter::source_of(address("2001:db8:1:2::1")) !=
        HandshakeLimiter::source_of(address("2001:db8:1:3::1")));
  // mapped: its own address, and not all of IPv4 together
  CHECK_EQ(HandshakeLimiter::source_of(address("::ffff:192.0.2.7")).text(), "192.0.2.7");
}

TEST_CASE("beyond the bound of a source its own oldest goes, and nobody else's") {
  HandshakeLimiter crowd(small());
  const Id other = crowd.enter(number(9), start).id;
  std::vector<Id> ids;
  for (int i = 0; i < 4; ++i) {
    const auto entered = crowd.enter(number(1), start);
    CHECK_FALSE(entered.out.has_value());
    ids.push_back(entered.id);
  }
  const auto fifth = crowd.enter(number(1), start);
  REQUIRE(fifth.out.has_value());
  CHECK_EQ(*fifth.out, ids[0]);
  CHECK(fifth.source_full);
  CHECK_EQ(fifth.of_source, 4);
  CHECK(crowd.holds(other));
  CHECK(crowd.holds(fifth.id));
  CHECK_FALSE(crowd.holds(ids[0]));
  CHECK_FALSE(crowd.leave(ids[0], false, start));
  CHECK_EQ(crowd.size(), 5);
}

TEST_CASE("where all places are taken the oldest of the source with most goes") {
  HandshakeLimiter crowd(small());
  const Id good = crowd.enter(number(9), start).id;
  std::vector<Id> ids;
  for (unsigned source = 1; source <= 3; ++source)
    for (int i = 0; i < 3; ++i) ids.push_back(crowd.enter(number(source), start).id);
  CHECK_EQ(crowd.size(), 10);
  // three of one source are suspicious: nobody waits for them
  CHECK_FALSE(crowd.full_for(start).has_value());
  const auto entered = crowd.enter(number(8), start);
  REQUIRE(entered.out.has_value());
  CHECK_EQ(*entered.out, ids[0]);
  CHECK_FALSE(entered.source_full);
  CHECK(crowd.holds(good));
  CHECK_EQ(crowd.size(), 10);
}

TEST_CASE("a crowd of many sources is left in peace for a while, then the oldest goes") {
  HandshakeLimiter crowd(small());
  std::vector<Id> ids;
  for (unsigned source = 0; source < 10; ++source)
    ids.push_back(crowd.enter(number(source), start + source * 10ms).id);
  auto full = crowd.full_for(start + 100ms);
  REQUIRE(full.has_value());
  CHECK(*full == 900ms);
  CHECK_FALSE(crowd.full_for(start + 1s).has_value());
  const auto entered = crowd.enter(number(99), start + 1s);
  REQUIRE(entered.out.has_value());
  CHECK_EQ(*entered.out, ids[0]);
  // the next in age is asked next
  full = crowd.full_for(start + 1s);
  REQUIRE(full.has_value());
  CHECK(*full == 10ms);
  // and there is room at once when one is done
  CHECK(crowd.leave(ids[5], false, start + 1s));
  CHECK_FALSE(crowd.full_for(start + 1s).has_value());
}

TEST_CASE("a proxy on this machine has the whole room, and is never refused") {
  for (const std::string loopback : {"127.0.0.1", "::1"}) {
    HandshakeLimiter crowd(small());
    const config::Address proxy = HandshakeLimiter::source_of(address(loopback));
    const Id first = crowd.enter(proxy, start).id;
    for (int i = 0; i < 9; ++i) CHECK_FALSE(crowd.enter(proxy, start).out.has_value());
    CHECK(crowd.full_for(start).has_value());
    CHECK_EQ(crowd.enter(proxy, start + 1s).out.value_or(0), first);
    for (int i = 0; i < 100; ++i) crowd.leave(crowd.enter(proxy, start + 1s).id, true, start + 1s);
    CHECK(crowd.admits(proxy, start + 1s));
  }
}

TEST_CASE("who fails too often is not let in, and is forgiven little by little") {
  HandshakeLimiter crowd(small());
  const auto fail = [&](Clock::time_point now) {
    CHECK(crowd.leave(crowd.enter(number(1), now).id, true, now));
  };
  for (int i = 0; i < 5; ++i) {
    CHECK(crowd.admits(number(1), start));
    fail(start);
  }
  CHECK_FALSE(crowd.admits(number(1), start));
  CHECK(crowd.admits(number(2), start));
  CHECK_FALSE(crowd.admits(number(1), start + 900ms));
  CHECK(crowd.admits(number(1), start + 1s));
  fail(start + 1s);
  CHECK_FALSE(crowd.admits(number(1), start + 1s));
  CHECK(crowd.admits(number(1), start + 1h));
}

TEST_CASE("who finishes handshakes may come as often as it likes") {
  HandshakeLimiter crowd(small());
  for (int i = 0; i < 10'000; ++i) {
    CHECK(crowd.admits(number(1), start));
    CHECK(crowd.leave(crowd.enter(number(1), start).id, false, start));
  }
  CHECK_EQ(crowd.sources(), 0);
}

TEST_CASE("the one who had to go has failed") {
  HandshakeLimiter crowd(small());
  for (int i = 0; i < 9; ++i) crowd.enter(number(1), start);
  CHECK_EQ(crowd.size(), 4);
  CHECK_FALSE(crowd.admits(number(1), start));
}

TEST_CASE("for descriptors the same one goes as for room") {
  HandshakeLimiter crowd(small());
  CHECK_FALSE(crowd.make_room(start).has_value());
  const Id good = crowd.enter(number(9), start).id;
  CHECK_FALSE(crowd.make_room(start).has_value());
  std::vector<Id> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(crowd.enter(number(1), start).id);
  const auto entered = crowd.make_room(start);
  REQUIRE(entered.has_value());
  CHECK_EQ(entered->out.value_or(0), ids[0]);
  CHECK_FALSE(crowd.make_room(start).has_value());  // two of a source are not suspicious
  CHECK_EQ(crowd.make_room(start + 1s)->out.value_or(0), ids[1]);
  CHECK_EQ(crowd.make_room(start + 1s)->out.value_or(0), good);  // one each, and the oldest
  CHECK_EQ(crowd.size(), 1);
}

TEST_CASE("memory is bounded however many sources come") {
  HandshakeLimiter crowd(small());
  for (unsigned i = 0; i < 10'000; ++i) {
    const auto now = start + i * 1ms;
    const Id id = crowd.enter(number(i), now).id;
    if (i % 3 != 0) crowd.leave(id, i % 3 == 1, now);
    CHECK_LE(crowd.size(), 10);
    CHECK_LE(crowd.sources(), 10 + 3);
  }
  // what is forgiven is forgotten
  const auto later = start + 1h;
  crowd.leave(crowd.enter(number(77777), later).id, true, later);
  CHECK_LE(crowd.sources(), 10 + 1);
}

}  // namespace
}  // namespace tunnel
