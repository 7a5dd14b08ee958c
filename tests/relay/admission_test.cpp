// Which handshakes wait for a connection, which are evicted, what is logged and what is counted.
#include "relay/admission.hpp"

#include <doctest/doctest.h>

#include <asio/co_spawn.hpp>

#include <fstream>

#include "support/log_lines.hpp"

namespace tunnel {
namespace {

struct Entrance {
  explicit Entrance(std::size_t max_connections, HandshakeLimiter::Limits limits = {})
      : settings(std::make_shared<config::Service>()) {
    settings->name = "vnc";
    settings->max_connections = max_connections;
    admission = another(limits);
  }
  // Another service's, with the same budget.
  std::shared_ptr<Admission> another(HandshakeLimiter::Limits limits = {}) {
    return std::make_shared<Admission>(settings, log.log(), descriptors, limits);
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
  DescriptorBudget descriptors;
  std::shared_ptr<Admission> admission;
};

net::Awaitable<void> acquire(std::shared_ptr<ConnectionSlot> slot, std::optional<bool>& answer) {
  const auto acquired = co_await slot->acquire();
  answer = acquired.has_value();
}

// Begins, and gives the answer once there is one.
std::shared_ptr<std::optional<bool>> begin(Entrance& entrance,
                                           const std::shared_ptr<ConnectionSlot>& slot) {
  auto answer = std::make_shared<std::optional<bool>>();
  asio::co_spawn(entrance.worker.io, acquire(slot, *answer),
                 [answer](const std::exception_ptr&) {});
  entrance.work();
  return answer;
}

TEST_CASE("handshakes that are done get connections in their order") {
  Entrance entrance(1);
  const auto first = entrance.enter(1);
  const auto second = entrance.enter(2);
  const auto third = entrance.enter(3);
  CHECK_FALSE(entrance.admission->full());
  CHECK(*begin(entrance, first) == true);
  CHECK(entrance.admission->full());
  const auto waits = begin(entrance, second);
  const auto waits_too = begin(entrance, third);
  CHECK_FALSE(waits->has_value());
  first->release();
  entrance.work();
  CHECK(*waits == true);
  CHECK_FALSE(waits_too->has_value());
  CHECK(entrance.admission->full());
  first->release();  // once is once
  entrance.work();
  CHECK_FALSE(waits_too->has_value());
  second->release();
  entrance.work();
  CHECK(*waits_too == true);
  third->release();
  CHECK_EQ(entrance.admission->left(), 1);
}

TEST_CASE("a cancelled wait takes no connection") {
  Entrance entrance(1);
  auto first = entrance.enter(1);
  auto second = entrance.enter(2);
  auto third = entrance.enter(3);
  CHECK(*begin(entrance, first) == true);
  const auto waits = begin(entrance, second);
  const auto waits_too = begin(entrance, third);
  second->cancel();
  entrance.work();
  CHECK(*waits == false);
  second->release();
  first.reset();
  entrance.work();
  CHECK(*waits_too == true);
}

TEST_CASE("an evicted handshake is ended on its own thread, and gets no connection") {
  HandshakeLimiter::Limits limits;
  limits.each = {2, 6, 8};
  Entrance entrance(10, limits);
  const auto first = entrance.enter(1);
  std::string why;
  first->on_evicted([&why](std::string said) { why = std::move(said); });
  const auto second = entrance.enter(1);
  const auto third = entrance.enter(1);
  CHECK_EQ(why, "");
  CHECK(*begin(entrance, first) == false);
  CHECK_EQ(why, "reset for a newer one, since 192.0.2.1 has 2 other unfinished TLS handshakes");
  CHECK(*begin(entrance, third) == true);
  CHECK_EQ(entrance.admission->left(), 9);
}

TEST_CASE("a source has its share of the connections, and this machine all of them") {
  Entrance entrance(10);
  entrance.settings->max_per_source = 2;
  const auto first = entrance.enter(1);
  const auto second = entrance.enter(1);
  const auto third = entrance.enter(1);
  CHECK(*begin(entrance, first) == true);
  CHECK(entrance.admission->admits(Entrance::from(1)));
  CHECK(*begin(entrance, second) == true);
  CHECK(*begin(entrance, third) == false);
  CHECK_FALSE(entrance.admission->admits(Entrance::from(1)));
  CHECK_EQ(entrance.lines().back(),
           "warn  vnc: refused, since 192.0.2.1 has 2 connections open already; raise "
           "max_per_source if it should have more");
  CHECK(entrance.admission->admits(Entrance::from(2)));
  first->release();
  CHECK(entrance.admission->admits(Entrance::from(1)));
  const net::Endpoint here(asio::ip::address_v4::loopback(), 1);
  std::vector<std::shared_ptr<ConnectionSlot>> slots;
  for (int i = 0; i < 5; ++i) {
    CHECK(entrance.admission->admits(here));
    slots.push_back(entrance.admission->enter(entrance.worker, here));
    CHECK(*begin(entrance, slots.back()) == true);
  }
}

TEST_CASE("one that waits for a connection counts for its source") {
  Entrance entrance(1);
  entrance.settings->max_per_source = 1;
  const auto first = entrance.enter(1);
  const auto waits = entrance.enter(2);
  const auto too_many = entrance.enter(2);
  CHECK(*begin(entrance, first) == true);
  const auto answer = begin(entrance, waits);
  CHECK_FALSE(answer->has_value());
  CHECK(*begin(entrance, too_many) == false);
  first->release();
  entrance.work();
  CHECK(*answer == true);
  CHECK_FALSE(entrance.admission->admits(Entrance::from(2)));
  waits->release();
  CHECK(entrance.admission->admits(Entrance::from(2)));
}

TEST_CASE("a flood is reported at once, each minute with its network, and when it is over") {
  HandshakeLimiter::Limits limits;
  limits.each = {2, 6, 8};
  Entrance entrance(10, limits);
  std::vector<std::shared_ptr<ConnectionSlot>> slots;
  for (int i = 0; i < 5; ++i) {
    slots.push_back(entrance.enter(1));
    if (i == 0) slots.back()->on_first_byte();
  }
  REQUIRE_EQ(entrance.lines().size(), 1);
  CHECK_EQ(entrance.lines()[0],
           "warn  vnc: flood: 192.0.2.1 has 3 unfinished TLS handshakes; resetting the oldest to "
           "make room, clients that sent nothing first");
  CHECK_FALSE(slots[1]->should_log_failure());
  CHECK(slots[0]->should_log_failure());
  entrance.admission->log_summaries();
  CHECK_EQ(entrance.lines().at(1),
           "warn  vnc: flood: 3 unfinished TLS handshakes were reset in the last minute, of "
           "192.0.2.1; 3 clients had sent nothing; deny = [\"192.0.2.1\"] blocks that network");
  entrance.admission->log_summaries();
  entrance.admission->log_summaries();
  REQUIRE_EQ(entrance.lines().size(), 3);
  CHECK_EQ(entrance.lines()[2],
           "warn  vnc: flood is over: no unfinished TLS handshake was reset in the last minute");
}

TEST_CASE("a connection has both of its descriptors, or waits") {
  Entrance entrance(10);
  DescriptorBudget& descriptors = entrance.descriptors;
  descriptors.set_open(10);
  descriptors.limit_to(17);  // 10 that are open, 2 in reserve, and 2 for each
  CHECK_EQ(descriptors.connections(), 2);
  const auto first = entrance.enter(1);
  CHECK(*begin(entrance, first) == true);
  CHECK(descriptors.has_room());
  auto second = entrance.enter(2);
  CHECK_FALSE(descriptors.has_room());
  second->release();
  second->release();
  CHECK(descriptors.has_room());
  descriptors.limit_to(1);
  CHECK_EQ(descriptors.connections(), 1);
  CHECK_FALSE(descriptors.has_room());
  descriptors.limit_to(100);
  CHECK(descriptors.has_room());
}

TEST_CASE("clients that stay silent lend a descriptor, and go when it is wanted back") {
  HandshakeLimiter::Limits limits;
  limits.lends_after = std::chrono::milliseconds(0);
  limits.silent_grace = std::chrono::milliseconds(0);
  Entrance entrance(10, limits);
  entrance.descriptors.limit_to(9);  // one is in reserve
  entrance.descriptors.take(2);
  std::string why;
  const auto first = entrance.enter(1);
  const auto second = entrance.enter(2);
  const auto third = entrance.enter(3);
  first->on_evicted([&why](std::string said) { why = std::move(said); });
  CHECK_FALSE(entrance.descriptors.has_room());
  entrance.admission->take_lent();
  CHECK(entrance.descriptors.has_room());
  const auto fourth = entrance.enter(4);
  entrance.work();
  CHECK_EQ(why, "");
  CHECK_FALSE(entrance.descriptors.has_room());
  // 2 + 1 + 1 + 1 + 2 are taken: one more may speak, and then somebody has to go
  second->on_first_byte();
  entrance.work();
  CHECK_EQ(why, "");
  third->on_first_byte();
  entrance.work();
  CHECK_EQ(why, "reset for a newer one, since 3 TLS handshakes are unfinished");
  CHECK_FALSE(entrance.descriptors.is_overdrawn());
  for (const auto& slot : {second, third, fourth}) slot->release();
  first->release();
  CHECK_EQ(entrance.descriptors.held_by_handshakes(), 0);
}

TEST_CASE("a service under a flood leaves descriptors to others") {
  Entrance entrance(1000);
  entrance.descriptors.limit_to(1024 + 16);
  const auto other = entrance.another();
  std::vector<std::shared_ptr<ConnectionSlot>> slots;
  slots.push_back(other->enter(entrance.worker, Entrance::from(1)));
  // 1/16 is left for connections, and for services that hold next to nothing
  for (unsigned i = 0; i < 1000; ++i) slots.push_back(entrance.enter(i % 256));
  CHECK_EQ(entrance.descriptors.held_by_handshakes(), 960);
  CHECK(entrance.descriptors.has_room());
  for (unsigned i = 0; i < 30; ++i) {
    CHECK_FALSE(other->handshakes_full_for().has_value());
    slots.push_back(other->enter(entrance.worker, Entrance::from(i)));
  }
}

TEST_CASE("as many unfinished handshakes as never are a flood, even if there is room for them") {
  Entrance entrance(1000);
  std::vector<std::shared_ptr<ConnectionSlot>> slots;
  for (unsigned i = 0; i < 2047; ++i) slots.push_back(entrance.enter(i % 256));
  CHECK(entrance.lines().empty());
  slots.push_back(entrance.enter(1));
  REQUIRE_EQ(entrance.lines().size(), 1);
  CHECK_EQ(entrance.lines()[0],
           "warn  vnc: flood: 192.0.2.0/24 has 2048 unfinished TLS handshakes; the oldest will be "
           "reset when room runs out, clients that sent nothing first");
  entrance.admission->log_summaries();
  REQUIRE_EQ(entrance.lines().size(), 2);
  CHECK_EQ(entrance.lines()[1],
           "warn  vnc: flood: 2048 TLS handshakes are unfinished; none had to be reset in the last "
           "minute");
  slots.resize(1000);
  entrance.admission->log_summaries();
  CHECK_EQ(entrance.lines().back(),
           "warn  vnc: flood is over: no unfinished TLS handshake was reset in the last minute");
}

TEST_CASE("without TLS every connection counts at once") {
  Entrance entrance(2);
  entrance.settings->tls = false;
  const auto first = entrance.enter(1);
  CHECK_EQ(entrance.admission->left(), 1);
  auto second = entrance.enter(1);
  CHECK(entrance.admission->full());
  second.reset();
  CHECK_EQ(entrance.admission->left(), 1);
  // fewer than there are
  auto fewer = std::make_shared<config::Service>(*entrance.settings);
  fewer->max_connections = 1;
  entrance.admission->renew(fewer);
  CHECK(entrance.admission->full());
}

TEST_CASE("refusals are logged once, and counted") {
  Entrance entrance(1);
  entrance.settings->access.allow = {*config::range("192.0.2.1")};
  CHECK(entrance.admission->admits(Entrance::from(1)));
  for (int i = 0; i < 5; ++i) CHECK_FALSE(entrance.admission->admits(Entrance::from(2)));
  REQUIRE_EQ(entrance.lines().size(), 1);
  CHECK_EQ(entrance.lines()[0],
           "warn  vnc: refused 192.0.2.2: the allow list does not have it; add "
           "\"192.0.2.2\" to let it in");
  entrance.admission->log_summaries();
  entrance.admission->log_summaries();
  REQUIRE_EQ(entrance.lines().size(), 2);
  CHECK_EQ(entrance.lines()[1],
           "warn  vnc: 4 more connections were refused in the last minute, of 192.0.2.2");
}

TEST_CASE("a mapped address is refused as the IPv4 address that it is") {
  Entrance entrance(1);
  entrance.settings->access.deny = {*config::range("192.0.2.2")};
  const auto mapped =
      asio::ip::make_address_v6(asio::ip::v4_mapped, Entrance::from(2).address().to_v4());
  CHECK_FALSE(entrance.admission->admits({mapped, 1}));
  CHECK_EQ(entrance.lines()[0],
           "warn  vnc: refused 192.0.2.2: the deny list has 192.0.2.2; take that out to let it in");
}

TEST_CASE("a few failures of a source are logged, the rest is counted") {
  Entrance entrance(1);
  const auto one = entrance.enter(1);
  const auto other = entrance.enter(2);
  int told = 0;
  for (int i = 0; i < 1000; ++i) told += one->should_log_failure() ? 1 : 0;
  CHECK_EQ(told, 30);
  CHECK(other->should_log_failure());
  entrance.admission->log_summaries();
  CHECK_EQ(entrance.lines().at(0),
           "warn  vnc: 970 more TLS handshakes failed in the last minute, of 192.0.2.1");
}

}  // namespace
}  // namespace tunnel
