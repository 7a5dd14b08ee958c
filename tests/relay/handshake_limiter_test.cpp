// Who may wait in a handshake, and who has to go for another.
#include "relay/handshake_limiter.hpp"

#include <doctest/doctest.h>

#include "base/host.hpp"

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
  limits.grace = 1s;
  limits.failures = 5;
  limits.decay = 1;
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
  HandshakeLimiter limiter(small());
  const Id other = limiter.add(number(9), start).id;
  std::vector<Id> ids;
  for (int i = 0; i < 4; ++i) {
    const auto added = limiter.add(number(1), start);
    CHECK_FALSE(added.evicted.has_value());
    ids.push_back(added.id);
  }
  const auto fifth = limiter.add(number(1), start);
  REQUIRE(fifth.evicted.has_value());
  CHECK_EQ(*fifth.evicted, ids[0]);
  CHECK(fifth.source_full);
  CHECK_EQ(fifth.of_source, 4);
  CHECK(limiter.holds(other));
  CHECK(limiter.holds(fifth.id));
  CHECK_FALSE(limiter.holds(ids[0]));
  CHECK_FALSE(limiter.remove(ids[0], false, start));
  CHECK_EQ(limiter.size(), 5);
}

TEST_CASE("where all places are taken the oldest of the source with most goes") {
  HandshakeLimiter limiter(small());
  const Id good = limiter.add(number(9), start).id;
  std::vector<Id> ids;
  for (unsigned source = 1; source <= 3; ++source)
    for (int i = 0; i < 3; ++i) ids.push_back(limiter.add(number(source), start).id);
  CHECK_EQ(limiter.size(), 10);
  // three of one source are suspicious: nobody waits for them
  CHECK_FALSE(limiter.full_for(start).has_value());
  const auto added = limiter.add(number(8), start);
  REQUIRE(added.evicted.has_value());
  CHECK_EQ(*added.evicted, ids[0]);
  CHECK_FALSE(added.source_full);
  CHECK(limiter.holds(good));
  CHECK_EQ(limiter.size(), 10);
}

TEST_CASE("with many sources each has its grace, then the oldest goes") {
  HandshakeLimiter limiter(small());
  std::vector<Id> ids;
  for (unsigned source = 0; source < 10; ++source)
    ids.push_back(limiter.add(number(source), start + source * 10ms).id);
  auto full = limiter.full_for(start + 100ms);
  REQUIRE(full.has_value());
  CHECK(*full == 900ms);
  CHECK_FALSE(limiter.full_for(start + 1s).has_value());
  const auto added = limiter.add(number(99), start + 1s);
  REQUIRE(added.evicted.has_value());
  CHECK_EQ(*added.evicted, ids[0]);
  // the next in age is asked next
  full = limiter.full_for(start + 1s);
  REQUIRE(full.has_value());
  CHECK(*full == 10ms);
  // and there is room at once when one is done
  CHECK(limiter.remove(ids[5], false, start + 1s));
  CHECK_FALSE(limiter.full_for(start + 1s).has_value());
}

TEST_CASE("a proxy on this machine has the whole room, and is never refused") {
  for (const std::string loopback : {"127.0.0.1", "::1"}) {
    HandshakeLimiter limiter(small());
    const config::Address proxy = HandshakeLimiter::source_of(address(loopback));
    const Id first = limiter.add(proxy, start).id;
    for (int i = 0; i < 9; ++i) CHECK_FALSE(limiter.add(proxy, start).evicted.has_value());
    CHECK(limiter.full_for(start).has_value());
    CHECK_EQ(limiter.add(proxy, start + 1s).evicted.value_or(0), first);
    for (int i = 0; i < 100; ++i)
      limiter.remove(limiter.add(proxy, start + 1s).id, true, start + 1s);
    CHECK(limiter.admits(proxy, start + 1s));
  }
}

TEST_CASE("who fails too often is not let in, and is forgiven little by little") {
  HandshakeLimiter limiter(small());
  const auto fail = [&](Clock::time_point now) {
    CHECK(limiter.remove(limiter.add(number(1), now).id, true, now));
  };
  for (int i = 0; i < 5; ++i) {
    CHECK(limiter.admits(number(1), start));
    fail(start);
  }
  CHECK_FALSE(limiter.admits(number(1), start));
  CHECK(limiter.admits(number(2), start));
  CHECK_FALSE(limiter.admits(number(1), start + 900ms));
  CHECK(limiter.admits(number(1), start + 1s));
  fail(start + 1s);
  CHECK_FALSE(limiter.admits(number(1), start + 1s));
  CHECK(limiter.admits(number(1), start + 1h));
}

TEST_CASE("who finishes handshakes may come as often as it likes") {
  HandshakeLimiter limiter(small());
  for (int i = 0; i < 10'000; ++i) {
    CHECK(limiter.admits(number(1), start));
    CHECK(limiter.remove(limiter.add(number(1), start).id, false, start));
  }
  CHECK_EQ(limiter.sources(), 0);
}

TEST_CASE("the one who had to go has failed") {
  HandshakeLimiter limiter(small());
  for (int i = 0; i < 9; ++i) limiter.add(number(1), start);
  CHECK_EQ(limiter.size(), 4);
  CHECK_FALSE(limiter.admits(number(1), start));
}

TEST_CASE("for descriptors the same one goes as for room") {
  HandshakeLimiter limiter(small());
  CHECK_FALSE(limiter.make_room(start).has_value());
  const Id good = limiter.add(number(9), start).id;
  CHECK_FALSE(limiter.make_room(start).has_value());
  std::vector<Id> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(limiter.add(number(1), start).id);
  const auto added = limiter.make_room(start);
  REQUIRE(added.has_value());
  CHECK_EQ(added->evicted.value_or(0), ids[0]);
  CHECK_FALSE(limiter.make_room(start).has_value());  // two of a source are not suspicious
  CHECK_EQ(limiter.make_room(start + 1s)->evicted.value_or(0), ids[1]);
  CHECK_EQ(limiter.make_room(start + 1s)->evicted.value_or(0), good);  // one each, and the oldest
  CHECK_EQ(limiter.size(), 1);
}

TEST_CASE("memory is bounded however many sources come") {
  HandshakeLimiter limiter(small());
  for (unsigned i = 0; i < 10'000; ++i) {
    const auto now = start + i * 1ms;
    const Id id = limiter.add(number(i), now).id;
    if (i % 3 != 0) limiter.remove(id, i % 3 == 1, now);
    CHECK_LE(limiter.size(), 10);
    CHECK_LE(limiter.sources(), 10 + 3);
  }
  // what is forgiven is forgotten
  const auto later = start + 1h;
  limiter.remove(limiter.add(number(77777), later).id, true, later);
  CHECK_LE(limiter.sources(), 10 + 1);
}

}  // namespace
}  // namespace tunnel
