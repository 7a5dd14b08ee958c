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

config::Range source(unsigned n) { return HandshakeLimiter::source_of(number(n)); }

const Clock::time_point start{};

HandshakeLimiter::Limits small() {
  HandshakeLimiter::Limits limits;
  limits.descriptors = 20;
  limits.each = {4, 6, 8};
  limits.suspicious = 2;
  limits.grace = 1s;
  limits.silent_grace = 100ms;
  limits.lends_after = 1h;
  limits.failures = 5;
  limits.decay = 1;
  limits.remembered = 3;
  return limits;
}

TEST_CASE("a source is an IPv4 address, or what a network gives one IPv6 host") {
  const auto source = [](const std::string& text) {
    return HandshakeLimiter::source_of(address(text)).text();
  };
  CHECK_EQ(source("192.0.2.7"), "192.0.2.7");
  CHECK_EQ(source("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  CHECK_EQ(source("2001:db8:1:2:ffff::"), "2001:db8:1:2::/64");
  CHECK_EQ(source("2001:db8:1:3::1"), "2001:db8:1:3::/64");
  CHECK_EQ(source("::1"), "::1");
  // mapped: its own address, and not all of IPv4 together
  CHECK_EQ(source("::ffff:192.0.2.7"), "192.0.2.7");
}

TEST_CASE("beyond the bound of a source its own oldest goes, and nobody else's") {
  HandshakeLimiter limiter(small());
  const Id other = limiter.add(number(9), start).id;
  std::vector<Id> ids;
  for (int i = 0; i < 4; ++i) {
    const auto added = limiter.add(number(1), start);
    CHECK(added.evicted.empty());
    ids.push_back(added.id);
  }
  const auto fifth = limiter.add(number(1), start);
  REQUIRE_EQ(fifth.evicted.size(), 1);
  CHECK_EQ(fifth.evicted[0].id, ids[0]);
  CHECK(fifth.evicted[0].network_full);
  CHECK(fifth.evicted[0].silent);
  CHECK_EQ(fifth.evicted[0].network.text(), "10.0.0.1");
  CHECK_EQ(fifth.evicted[0].others, 4);
  CHECK(limiter.holds(other));
  CHECK(limiter.holds(fifth.id));
  CHECK_FALSE(limiter.holds(ids[0]));
  CHECK_FALSE(limiter.remove(ids[0], 0, start));
  CHECK_EQ(limiter.size(), 5);
}

TEST_CASE(
    "where room has run out, many sources of one network count together, the wider the more") {
  struct Case {
    std::string prefix, suffix, network;
    std::size_t bound;
  };
  for (const Case& one : {Case{"192.0.2.", "", "192.0.2.0/24", 6},
                          Case{"2001:db8:0:1", "::1", "2001:db8:0:100::/56", 6},
                          Case{"2001:db8:0:", "00::1", "2001:db8::/48", 8}}) {
    CAPTURE(one.network);
    HandshakeLimiter limiter(small());
    const Id other = limiter.add(address("198.51.100.1"), start).id;
    std::vector<Id> ids;
    for (std::size_t i = 0; i < one.bound; ++i) {
      const auto added =
          limiter.add(address(one.prefix + std::to_string(10 + i) + one.suffix), start);
      CHECK(added.evicted.empty());
      ids.push_back(added.id);
    }
    limiter.set_descriptors(2 * limiter.size());
    CHECK_EQ(limiter.largest_network()->first.text(), one.network);
    CHECK_EQ(limiter.largest_network()->second, one.bound);
    const auto last = limiter.add(address(one.prefix + "99" + one.suffix), start);
    REQUIRE_EQ(last.evicted.size(), 1);
    CHECK_EQ(last.evicted[0].id, ids[0]);
    CHECK(last.evicted[0].network_full);
    CHECK_EQ(last.evicted[0].network.text(), one.network);
    CHECK_EQ(last.evicted[0].others, one.bound);
    CHECK(limiter.holds(other));
    for (const Id id : ids) limiter.remove(id, 0, start);
    limiter.remove(last.id, 0, start);
    limiter.remove(other, 0, start);
    CHECK_EQ(limiter.size(), 0);
    CHECK_LE(limiter.networks(), 1);  // the one that was evicted has failed
  }
}

TEST_CASE("a client that has sent something stays, and a silent one goes") {
  HandshakeLimiter limiter(small());
  std::vector<Id> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(limiter.add(number(1), start).id);
  limiter.on_first_byte(ids[0], start);
  limiter.on_first_byte(ids[0], start);
  CHECK_EQ(limiter.add(number(1), start).evicted.at(0).id, ids[1]);
  // where all have sent something, the oldest goes, and not the one that has only just come
  for (const Id id : ids) limiter.on_first_byte(id, start);
  limiter.on_first_byte(limiter.add(number(1), start).id, start);
  const auto full = limiter.add(number(1), start);
  CHECK_EQ(full.evicted.at(0).id, ids[0]);
  CHECK(limiter.holds(full.id));
}

TEST_CASE("of those that have sent something fewer may wait, and the oldest goes") {
  HandshakeLimiter::Limits limits = small();
  limits.active = 3;
  HandshakeLimiter limiter(limits);
  std::vector<Id> ids;
  for (unsigned i = 0; i < 5; ++i) ids.push_back(limiter.add(number(i * 256), start).id);
  for (unsigned i = 0; i < 3; ++i) CHECK_FALSE(limiter.on_first_byte(ids[i], start).has_value());
  const auto evicted = limiter.on_first_byte(ids[3], start);
  REQUIRE(evicted.has_value());
  CHECK_EQ(evicted->id, ids[0]);
  CHECK_FALSE(evicted->silent);
  CHECK(limiter.holds(ids[4]));
  CHECK_EQ(limiter.size(), 4);
}

TEST_CASE("with silent ones from everywhere, good ones stay while they are at work") {
  HandshakeLimiter limiter(small());
  const Id good = limiter.add(number(70'000), start).id;
  limiter.on_first_byte(good, start);
  for (unsigned i = 0; i < 1000; ++i) {
    const auto now = start + 2s + i * 20ms;
    const auto added = limiter.add(number(i * 256), now);
    for (const auto& evicted : added.evicted) CHECK(evicted.silent);
    CHECK(limiter.size() <= 10);
  }
  CHECK(limiter.holds(good));
}

TEST_CASE("a network that is not full in itself may hold whatever room there is") {
  HandshakeLimiter limiter(small());
  for (unsigned i = 0; i < 10; ++i) CHECK(limiter.add(number(i), start).evicted.empty());
  CHECK_EQ(limiter.add(number(10), start).evicted.at(0).network.text(), "10.0.0.0/24");
}

TEST_CASE("many of one network that have sent something count together at once") {
  HandshakeLimiter limiter(small());
  std::vector<Id> ids;
  for (unsigned i = 0; i < 7; ++i) ids.push_back(limiter.add(number(i), start).id);
  for (unsigned i = 0; i < 6; ++i) CHECK_FALSE(limiter.on_first_byte(ids[i], start).has_value());
  const auto evicted = limiter.on_first_byte(ids[6], start);
  REQUIRE(evicted.has_value());
  CHECK_EQ(evicted->id, ids[0]);
  CHECK(evicted->network_full);
  CHECK_EQ(evicted->network.text(), "10.0.0.0/24");
}

TEST_CASE("a client that stays silent lends a descriptor, and takes it back with its first byte") {
  HandshakeLimiter::Limits limits = small();
  limits.lends_after = 250ms;
  HandshakeLimiter limiter(limits);
  std::vector<Id> ids;
  for (unsigned i = 0; i < 10; ++i) ids.push_back(limiter.add(number(i * 256), start).id);
  CHECK_EQ(limiter.held(), 20);
  CHECK_EQ(limiter.next_lender(start + 249ms), 0);
  limiter.on_first_byte(ids[3], start);
  std::vector<Id> lenders;
  while (const Id id = limiter.next_lender(start + 250ms)) lenders.push_back(id);
  CHECK_EQ(lenders,
           std::vector<Id>{ids[0], ids[1], ids[2], ids[4], ids[5], ids[6], ids[7], ids[8], ids[9]});
  CHECK_EQ(limiter.held(), 11);
  CHECK_EQ(limiter.next_lender(start + 1h), 0);
  // there is room for others then
  CHECK(limiter.add(number(99 * 256), start + 250ms).evicted.empty());
  CHECK_EQ(limiter.held(), 13);
  limiter.on_first_byte(ids[0], start + 250ms);
  CHECK_EQ(limiter.held(), 14);
  limiter.remove(ids[0], 0, start + 250ms);
  limiter.remove(ids[1], 0, start + 250ms);
  CHECK_EQ(limiter.held(), 11);
  // one that lends makes half the room that a new one needs
  limiter.set_descriptors(11);
  const auto added = limiter.add(number(98 * 256), start + 251ms);
  REQUIRE_EQ(added.evicted.size(), 2);
  CHECK_EQ(added.evicted[0].id, ids[2]);
  CHECK_EQ(added.evicted[1].id, ids[4]);
  CHECK_EQ(limiter.held(), 11);
}

TEST_CASE("where all places are taken the oldest of the source with most goes") {
  HandshakeLimiter limiter(small());
  const Id good = limiter.add(address("192.0.2.9"), start).id;
  std::vector<Id> ids;
  for (unsigned source = 1; source <= 3; ++source)
    for (int i = 0; i < 3; ++i) ids.push_back(limiter.add(number(source * 256), start).id);
  CHECK_EQ(limiter.size(), 10);
  // three of one source are suspicious: nobody waits for them
  CHECK_FALSE(limiter.full_for(start).has_value());
  const auto added = limiter.add(address("192.0.2.8"), start);
  REQUIRE_EQ(added.evicted.size(), 1);
  CHECK_EQ(added.evicted[0].id, ids[0]);
  CHECK_FALSE(added.evicted[0].network_full);
  CHECK_EQ(added.evicted[0].network.text(), "10.0.1.0");
  CHECK(limiter.holds(good));
  CHECK_EQ(limiter.size(), 10);
}

TEST_CASE("with many sources each has its grace, then the oldest goes, silent ones sooner") {
  for (const bool silent : {true, false}) {
    CAPTURE(silent);
    const auto grace = silent ? 100ms : 1000ms;
    HandshakeLimiter limiter(small());
    std::vector<Id> ids;
    for (unsigned source = 0; source < 10; ++source) {
      ids.push_back(limiter.add(number(source * 256), start + source * 5ms).id);
      if (!silent) limiter.on_first_byte(ids.back(), start);
    }
    auto full = limiter.full_for(start + 50ms);
    REQUIRE(full.has_value());
    CHECK(*full == grace - 50ms);
    CHECK_FALSE(limiter.full_for(start + grace).has_value());
    const auto added = limiter.add(number(99 * 256), start + grace);
    REQUIRE_EQ(added.evicted.size(), 1);
    CHECK_EQ(added.evicted[0].id, ids[0]);
    limiter.on_first_byte(added.id, start + grace);
    // the next in age is asked next
    full = limiter.full_for(start + grace);
    REQUIRE(full.has_value());
    CHECK(*full == 5ms);
    // and there is room at once when one is done
    CHECK(limiter.remove(ids[5], 0, start + grace));
    CHECK_FALSE(limiter.full_for(start + grace).has_value());
  }
}

TEST_CASE("a proxy on this machine has the whole room, and is never refused") {
  for (const std::string loopback : {"127.0.0.1", "::1"}) {
    HandshakeLimiter limiter(small());
    const config::Address proxy = address(loopback);
    const Id first = limiter.add(proxy, start).id;
    for (int i = 0; i < 9; ++i) CHECK(limiter.add(proxy, start).evicted.empty());
    CHECK(limiter.full_for(start).has_value());
    CHECK_EQ(limiter.add(proxy, start + 1s).evicted.at(0).id, first);
    for (int i = 0; i < 100; ++i) limiter.remove(limiter.add(proxy, start + 1s).id, 1, start + 1s);
    CHECK(limiter.admits(HandshakeLimiter::source_of(proxy), start + 1s));
  }
}

TEST_CASE("who fails too often is not let in, and is forgiven little by little") {
  HandshakeLimiter limiter(small());
  const auto fail = [&](Clock::time_point now) {
    CHECK(limiter.remove(limiter.add(number(1), now).id, 1, now));
  };
  for (int i = 0; i < 5; ++i) {
    CHECK(limiter.admits(source(1), start));
    fail(start);
  }
  CHECK_FALSE(limiter.admits(source(1), start));
  CHECK(limiter.admits(source(2), start));
  CHECK_FALSE(limiter.admits(source(1), start + 900ms));
  CHECK(limiter.admits(source(1), start + 1s));
  fail(start + 1s);
  CHECK_FALSE(limiter.admits(source(1), start + 1s));
  CHECK(limiter.admits(source(1), start + 1h));
}

TEST_CASE("a failure weighs what it has cost") {
  HandshakeLimiter limiter(small());
  CHECK(limiter.remove(limiter.add(number(1), start).id, 4.5, start));
  CHECK_FALSE(limiter.admits(source(1), start));
  CHECK(limiter.admits(source(1), start + 1s));
  CHECK(limiter.remove(limiter.add(number(1), start).id, 1000, start));
  CHECK(limiter.admits(source(1), start + 5s));  // at most what all of its failures may cost
}

TEST_CASE("who finishes handshakes may come as often as it likes") {
  HandshakeLimiter limiter(small());
  for (int i = 0; i < 10'000; ++i) {
    CHECK(limiter.admits(source(1), start));
    CHECK(limiter.remove(limiter.add(number(1), start).id, 0, start));
  }
  CHECK_EQ(limiter.networks(), 0);
}

TEST_CASE("the one who had to go has failed") {
  HandshakeLimiter limiter(small());
  for (int i = 0; i < 9; ++i) limiter.add(number(1), start);
  CHECK_EQ(limiter.size(), 4);
  CHECK_FALSE(limiter.admits(source(1), start));
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
  CHECK_EQ(added->id, ids[0]);
  CHECK_FALSE(limiter.make_room(start).has_value());  // two of a source are not suspicious
  CHECK_EQ(limiter.make_room(start + 1s)->id, good);
  CHECK_EQ(limiter.make_room(start + 1s)->id, ids[1]);  // the oldest is next
  CHECK_EQ(limiter.size(), 1);
}

TEST_CASE("memory is bounded however many sources come") {
  HandshakeLimiter limiter(small());
  for (unsigned i = 0; i < 10'000; ++i) {
    const auto now = start + i * 1ms;
    const Id id = limiter.add(number(i), now).id;
    if (i % 3 != 0) limiter.remove(id, i % 3 == 1 ? 1 : 0, now);
    CHECK_LE(limiter.size(), 10);
    CHECK_LE(limiter.networks(), 10 * 2 + 3);
  }
  // what is forgiven is forgotten
  const auto later = start + 1h;
  limiter.remove(limiter.add(number(77777), later).id, 1, later);
  CHECK_LE(limiter.networks(), 10 * 2 + 1);
}

}  // namespace
}  // namespace tunnel
