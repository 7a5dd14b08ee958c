// The order of several targets, and how long one that failed is behind the others.
#include "relay/load_balancer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace tunnel {
namespace {

using namespace std::chrono_literals;
using config::Balance;
using config::HostPort;
using config::SocketAddress;

const SocketAddress a = HostPort{"a.example", 1};
const SocketAddress b = HostPort{"b.example", 1};
const SocketAddress c = HostPort{"c.example", 1};

config::Service service(std::vector<SocketAddress> targets, Balance balance = Balance::order) {
  config::Service out;
  out.connect = std::move(targets);
  out.balance = balance;
  return out;
}

// Their hosts' first letters.
std::string letters(const std::vector<SocketAddress>& targets) {
  std::string out;
  for (const SocketAddress& target : targets) out += target.host()[0];
  return out;
}

struct Asked {
  config::Service settings;
  LoadBalancer targets{settings};
  LoadBalancer::Clock::time_point now = LoadBalancer::Clock::now();

  explicit Asked(config::Service service) : settings(std::move(service)) {}
  std::string order() { return letters(targets.order(settings, now)); }
  void fail(const SocketAddress& target) { targets.on_failure(target, now); }
};

TEST_CASE("without a failure the order is the one that is written") {
  Asked asked(service({a, b, c}));
  for (int i = 0; i < 3; ++i) CHECK_EQ(asked.order(), "abc");
}

TEST_CASE("one that failed is tried last, then by one connection in its place") {
  Asked asked(service({a, b, c}));
  asked.fail(a);
  CHECK_EQ(asked.order(), "bca");
  asked.now += LoadBalancer::first_ejection - 1ms;
  CHECK_EQ(asked.order(), "bca");
  asked.now += 1ms;
  CHECK_EQ(asked.order(), "abc");
  CHECK_EQ(asked.order(), "bca");
  SUBCASE("which finds it well") {
    asked.targets.on_success(a);
    CHECK_EQ(asked.order(), "abc");
  }
  SUBCASE("which finds it as before, so it rests for longer") {
    asked.fail(a);
    asked.now += LoadBalancer::first_ejection;
    CHECK_EQ(asked.order(), "bca");
    asked.now += LoadBalancer::first_ejection;
    CHECK_EQ(asked.order(), "abc");
  }
  SUBCASE("which never tells: another one finds out") {
    asked.now += LoadBalancer::first_ejection;
    CHECK_EQ(asked.order(), "abc");
  }
}

TEST_CASE("many who fail at the same time are one failure, and no rest is endless") {
  Asked asked(service({a, b}));
  for (int i = 0; i < 100; ++i) asked.fail(a);
  asked.now += LoadBalancer::first_ejection;
  CHECK_EQ(asked.order(), "ab");
  for (int i = 0; i < 20; ++i) {
    asked.fail(a);
    asked.now += LoadBalancer::longest_ejection;
    CHECK_EQ(asked.order(), "ab");
  }
  asked.fail(a);
  asked.now += LoadBalancer::longest_ejection - 1ms;
  CHECK_EQ(asked.order(), "ba");
}

TEST_CASE("where all have failed, all are tried") {
  Asked asked(service({a, b, c}));
  for (const SocketAddress& target : {c, a, b}) asked.fail(target);
  CHECK_EQ(asked.order(), "abc");
}

TEST_CASE("by turns each of those that are well has its share") {
  Asked asked(service({a, b, c}, Balance::round_robin));
  CHECK_EQ(asked.order(), "abc");
  CHECK_EQ(asked.order(), "bca");
  CHECK_EQ(asked.order(), "cab");
  asked.fail(b);
  std::map<char, int> first;
  for (int i = 0; i < 100; ++i) {
    const std::string order = asked.order();
    ++first[order[0]];
    CHECK_EQ(order[2], 'b');
  }
  CHECK_EQ(first['a'], 50);
  CHECK_EQ(first['c'], 50);
}

TEST_CASE("at random each has about its share, and none twice") {
  Asked asked(service({a, b, c}, Balance::random));
  std::map<char, int> first;
  for (int i = 0; i < 3000; ++i) {
    std::string order = asked.order();
    ++first[order[0]];
    std::sort(order.begin(), order.end());
    REQUIRE_EQ(order, "abc");
  }
  // nineteen standard deviations from the middle
  for (const auto& [letter, n] : first) CHECK(std::abs(n - 1000) < 500);
}

TEST_CASE("a reload keeps the rests of those that stay, and only those") {
  Asked asked(service({a, b, c}));
  asked.fail(a);
  asked.fail(b);
  asked.settings = service({a, c});
  asked.targets.renew(asked.settings);
  CHECK_EQ(asked.order(), "ca");
  // an old connection's word on what is no target any more is not kept
  asked.fail(b);
  asked.settings = service({a, b, c});
  asked.targets.renew(asked.settings);
  CHECK_EQ(asked.order(), "bca");
}

TEST_CASE("workers ask and tell at the same time") {
  Asked asked(service({a, b, c}, Balance::round_robin));
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i)
    workers.emplace_back([&asked, i] {
      for (int n = 0; n < 1000; ++n) {
        const auto order = asked.targets.order(asked.settings, LoadBalancer::Clock::now());
        if (n % 3 == 0) asked.targets.on_failure(order[0], LoadBalancer::Clock::now());
        if (n % 5 == 0) asked.targets.on_success(order[1]);
        if (i == 0 && n % 100 == 0) asked.targets.renew(asked.settings);
      }
    });
  for (std::thread& worker : workers) worker.join();
  CHECK_EQ(asked.order().size(), 3);
}

}  // namespace
}  // namespace tunnel
