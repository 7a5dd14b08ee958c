// Ten minutes of samples from counters that only grow.
#include "status/history.hpp"

#include <doctest/doctest.h>

#include "status/snapshot.hpp"

namespace tunnel::status {
namespace {

using namespace std::chrono_literals;

ServiceStatus service(const char* name, std::uint64_t up = 0) {
  ServiceStatus out;
  out.name = name;
  out.up = up;
  return out;
}

const History::Time start{1000s};

TEST_CASE("a sample is what came since the one before, by the time that has passed") {
  History history;
  ServiceStatus vnc = service("vnc", 1'000'000);
  vnc.connect_times.add(1s);
  vnc.handshakes.failures[0] = 7;
  history.add(start, {vnc});
  CHECK(history.samples().empty());
  vnc.up += 5000;
  vnc.down += 100;
  vnc.open = 3;
  vnc.connect_times.add(20ms);
  vnc.connect_times.add(40ms);
  vnc.handshakes.failures[0] += 2;
  vnc.targets = {TargetStatus{"a:1"}, TargetStatus{"b:1"}};
  vnc.targets[0].failures[1] = 4;
  vnc.targets[1].failures[1] = 1;
  history.add(start + 10s, {vnc});
  REQUIRE_EQ(history.samples().size(), 1);
  const ServiceSample& sample = history.samples()[0]->services.at("vnc");
  CHECK_EQ(sample.up, doctest::Approx(500));
  CHECK_EQ(sample.down, doctest::Approx(10));
  CHECK_EQ(sample.open, 3);
  CHECK_EQ(sample.connects.count, 2);
  CHECK_EQ(sample.connects.mean, doctest::Approx(0.03));
  CHECK_GE(sample.connects.p95, sample.connects.mean);
  CHECK_LE(sample.connects.p95, doctest::Approx(0.05));
  CHECK_EQ(sample.handshakes.count, 0);
  CHECK_EQ(sample.failed_handshakes[0], 2);
  CHECK_EQ(sample.failed_targets[1], 5);
}

TEST_CASE("a service that comes, goes and comes back begins at zero") {
  History history;
  history.add(start, {});
  history.add(start + 5s, {service("vnc", 500)});
  history.add(start + 10s, {});
  history.add(start + 15s, {service("vnc", 50)});
  history.add(start + 20s, {service("vnc", 20)});
  const Samples& samples = history.samples();
  REQUIRE_EQ(samples.size(), 4);
  CHECK_EQ(samples[0]->services.at("vnc").up, doctest::Approx(100));
  CHECK(samples[1]->services.empty());
  CHECK_EQ(samples[2]->services.at("vnc").up, doctest::Approx(10));
  CHECK_EQ(samples[3]->services.at("vnc").up, doctest::Approx(4));
}

TEST_CASE("it keeps ten minutes, and a snapshot keeps what it has") {
  History history;
  for (int i = 0; i <= 500; ++i)
    history.add(start + i * History::interval, {service("vnc", static_cast<std::uint64_t>(i))});
  CHECK_EQ(history.samples().size(), 120);
  CHECK_EQ(history.samples().back()->at, start + 500 * History::interval);
  const Samples kept = history.samples();
  history.clear();
  CHECK(history.samples().empty());
  CHECK_EQ(kept.size(), 120);
  CHECK_EQ(kept.front()->services.size(), 1);
}

TEST_CASE("two samples at one moment are one") {
  History history;
  history.add(start, {service("vnc", 1)});
  history.add(start, {service("vnc", 2)});
  CHECK(history.samples().empty());
}

}  // namespace
}  // namespace tunnel::status
