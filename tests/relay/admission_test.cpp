// The door: who waits for a place, who has to go, what is told and what is counted.
#include "relay/admission.hpp"

#include <doctest/doctest.h>

#include <asio/co_spawn.hpp>

#include <fstream>

#include "support/log_lines.hpp"

namespace tunnel {
namespace {

struct Door {
  explicit Door(std::size_t max_connections, HandshakeLimiter::Limits limits = {})
      : settings(std::make_shared<config::Service>()) {
    settings->name = "vnc";
    settings->max_connections = max_connections;
    admission = std::make_shared<Admission>(settings, log.log(), limits);
  }
  // From 192.0.2.`last`.
  std::shared_ptr<ConnectionSlot> enter(unsigned last) {
    return admission->enter(worker, from(last));
  }
  static net::Endpoint from(unsigned last) {
    return {asio::ip::make_address_v4(0xc0000200 + last), 1};
  }
  // Lets the worker do what is to be done by now.
  void work() {
    worker.io.restart();
    worker.io.poll();
  }
  // The lines so far.
  std::vector<std::string> lines() { return log.lines(); }

  test::LogLines log;
  std::shared_ptr<config::Service> settings;
  Worker worker;
  std::shared_ptr<Admission> admission;
};

net::Awaitable<void> settle(std::shared_ptr<ConnectionSlot> slot, std::optional<bool>& answer) {
  answer = co_await slot->settle();
}

// Begins, and gives the answer once there is one.
std::shared_ptr<std::optional<bool>> begin(Door& door,
                                           const std::shared_ptr<ConnectionSlot>& slot) {
  auto answer = std::make_shared<std::optional<bool>>();
  asio::co_spawn(door.worker.io, settle(slot, *answer), [answer](const std::exception_ptr&) {});
  door.work();
  return answer;
}

TEST_CASE("handshakes that are done get the places in their order") {
  Door door(1);
  const auto first = door.enter(1);
  const auto second = door.enter(2);
  const auto third = door.enter(3);
  CHECK_FALSE(door.admission->full());
  CHECK(*begin(door, first) == true);
  CHECK(door.admission->full());
  const auto waits = begin(door, second);
  const auto waits_too = begin(door, third);
  CHECK_FALSE(waits->has_value());
  first->leave();
  door.work();
  CHECK(*waits == true);
  CHECK_FALSE(waits_too->has_value());
  CHECK(door.admission->full());
  first->leave();  // once is once
  door.work();
  CHECK_FALSE(waits_too->has_value());
  second->leave();
  door.work();
  CHECK(*waits_too == true);
  third->leave();
  CHECK_EQ(door.admission->left(), 1);
}

TEST_CASE("who gives up waiting takes no place") {
  Door door(1);
  auto first = door.enter(1);
  auto second = door.enter(2);
  auto third = door.enter(3);
  CHECK(*begin(door, first) == true);
  const auto waits = begin(door, second);
  const auto waits_too = begin(door, third);
  second->cancel();
  door.work();
  CHECK(*waits == false);
  second->leave();
  first.reset();
  door.work();
  CHECK(*waits_too == true);
}

TEST_CASE("who has to go is cut on its own thread, and does not settle") {
  HandshakeLimiter::Limits limits;
  limits.each = 2;
  Door door(10, limits);
  const auto first = door.enter(1);
  std::string why;
  first->on_cut([&why](std::string said) { why = std::move(said); });
  const auto second = door.enter(1);
  const auto third = door.enter(1);
  CHECK_EQ(why, "");
  CHECK(*begin(door, first) == false);
  CHECK_EQ(why, "reset for a newer one, since 192.0.2.1 has 2 other unfinished TLS handshakes");
  CHECK(*begin(door, third) == true);
  CHECK_EQ(door.admission->left(), 9);
}

TEST_CASE("without TLS every connection counts at once") {
  Door door(2);
  door.settings->tls = false;
  const auto first = door.enter(1);
  CHECK_EQ(door.admission->left(), 1);
  auto second = door.enter(1);
  CHECK(door.admission->full());
  second.reset();
  CHECK_EQ(door.admission->left(), 1);
  // fewer than there are
  auto fewer = std::make_shared<config::Service>(*door.settings);
  fewer->max_connections = 1;
  door.admission->renew(fewer);
  CHECK(door.admission->full());
}

TEST_CASE("refusals are told once, and counted") {
  Door door(1);
  door.settings->access.allow = {*config::range("192.0.2.1")};
  CHECK(door.admission->admits(Door::from(1)));
  for (int i = 0; i < 5; ++i) CHECK_FALSE(door.admission->admits(Door::from(2)));
  REQUIRE_EQ(door.lines().size(), 1);
  CHECK_EQ(door.lines()[0],
           "warn  vnc: refused 192.0.2.2: the allow list does not have it; add "
           "\"192.0.2.2\" to let it in");
  door.admission->tell_counted();
  door.admission->tell_counted();
  REQUIRE_EQ(door.lines().size(), 2);
  CHECK_EQ(door.lines()[1],
           "warn  vnc: 4 more connections were refused in the last minute, of 192.0.2.2");
}

TEST_CASE("a mapped address is refused as the IPv4 address that it is") {
  Door door(1);
  door.settings->access.deny = {*config::range("192.0.2.2")};
  const auto mapped =
      asio::ip::make_address_v6(asio::ip::v4_mapped, Door::from(2).address().to_v4());
  CHECK_FALSE(door.admission->admits({mapped, 1}));
  CHECK_EQ(door.lines()[0],
           "warn  vnc: refused 192.0.2.2: the deny list has 192.0.2.2; take that out to let it in");
}

TEST_CASE("a few failures of a source are told, the rest is counted") {
  Door door(1);
  const auto one = door.enter(1);
  const auto other = door.enter(2);
  int told = 0;
  for (int i = 0; i < 1000; ++i) told += one->tells_failure() ? 1 : 0;
  CHECK_EQ(told, 30);
  CHECK(other->tells_failure());
  door.admission->tell_counted();
  CHECK_EQ(door.lines().at(0),
           "warn  vnc: 970 more TLS handshakes failed in the last minute, of 192.0.2.1");
}

}  // namespace
}  // namespace tunnel
