// Counters of handshakes and targets: sums, bounds, and what is kept of certificates.
#include "relay/service_stats.hpp"

#include <doctest/doctest.h>

#include "config/values.hpp"

namespace tunnel {
namespace {

using namespace std::chrono_literals;

double seconds(DurationHistogram::Seconds time) { return time.count(); }

TEST_CASE("a time is counted in the first bucket that it doesn't exceed") {
  DurationHistogram times;
  for (const auto time : {0us, 1000us, 1001us, 10'000'000us, 10'000'001us}) times.add(time);
  CHECK_EQ(times.buckets()[0], 2);
  CHECK_EQ(times.buckets()[1], 1);
  CHECK_EQ(times.buckets()[DurationHistogram::bounds.size() - 1], 1);
  CHECK_EQ(times.buckets().back(), 1);
  CHECK_EQ(times.count(), 5);
  CHECK_EQ(seconds(times.sum()), doctest::Approx(20.002002));
}

TEST_CASE("quantiles are estimated, and never beyond the last bound") {
  DurationHistogram times;
  CHECK_EQ(seconds(times.quantile(0.5)), 0);
  for (int i = 0; i < 10; ++i) times.add(20ms);
  CHECK_EQ(seconds(times.quantile(0.5)), doctest::Approx(0.0175));
  times.add(1h);
  CHECK_EQ(seconds(times.quantile(1)), 10);
}

TEST_CASE("a difference is what came since, or everything after a new start") {
  DurationHistogram earlier;
  earlier.add(20ms);
  DurationHistogram now = earlier;
  now.add(3s);
  CHECK_EQ(now.since(earlier).count(), 1);
  CHECK_EQ(seconds(now.since(earlier).sum()), doctest::Approx(3));
  CHECK_EQ(earlier.since(now).count(), 1);
}

TEST_CASE("only configured targets are remembered") {
  config::Service service;
  service.connect = {*config::host_port("a:1", false), *config::host_port("b:1", false)};
  ServiceStats stats;
  ++stats.target("a:1", service).connects;
  ++stats.target("b:1", service).connects;
  ++stats.target("a:1", service).connects;
  CHECK_EQ(stats.targets.size(), 2);
  // a reload has replaced one of them, again and again
  for (int i = 0; i < 100; ++i) {
    const std::string fresh = "c:" + std::to_string(i + 1);
    service.connect[1] = *config::host_port(fresh, false);
    ++stats.target(fresh, service).connects;
    CHECK_EQ(stats.targets.size(), 2);
  }
  CHECK_EQ(stats.target("a:1", service).connects, 2);
}

TEST_CASE("shares of workers are added by kind, cause and target") {
  const auto certificate = [](const char* subject) {
    auto out = std::make_shared<x509::PeerCertificate>();
    out->subject = subject;
    return out;
  };
  const auto start = std::chrono::steady_clock::now();
  ServiceStats one;
  one.handshakes.done[{"TLS 1.3", "A", "X25519", false}] = 1;
  one.handshakes.failures[0] = 2;
  one.targets.push_back({"a:1", 1, {}, certificate("old"), start});
  one.targets.back().add(TargetFailure::refused);
  ServiceStats other;
  other.handshakes.done[{"TLS 1.3", "A", "X25519", false}] = 10;
  other.handshakes.done[{"TLS 1.3", "A", "X25519", true}] = 20;
  other.handshakes.failures[0] = 30;
  other.targets.push_back({"a:1", 40, {}, certificate("new"), start + 1s});
  other.targets.push_back({"b:1", 50, {}, nullptr, {}});
  for (const bool reversed : {false, true}) {
    ServiceStats sum = reversed ? other : one;
    sum += reversed ? one : other;
    CHECK_EQ(sum.handshakes.done.size(), 2);
    CHECK_EQ((sum.handshakes.done[{"TLS 1.3", "A", "X25519", false}]), 11);
    CHECK_EQ(sum.handshakes.failures[0], 32);
    REQUIRE_EQ(sum.targets.size(), 2);
    CHECK_EQ(sum.targets[0].connects, 41);
    CHECK_EQ(sum.targets[0].failures[static_cast<std::size_t>(TargetFailure::refused)], 1);
    CHECK_EQ(sum.targets[0].certificate->subject, "new");
  }
}

TEST_CASE("errors of the system have their cause") {
  const auto name = [](const net::ErrorCode& error) { return name_of(target_failure(error)); };
  CHECK_EQ(name(asio::error::timed_out), "timeout");
  CHECK_EQ(name(asio::error::connection_refused), "refused");
  CHECK_EQ(name(asio::error::host_unreachable), "unreachable");
  CHECK_EQ(name(asio::error::host_not_found), "unresolved");
  CHECK_EQ(name(asio::error::no_descriptors), "other");
}

}  // namespace
}  // namespace tunnel
