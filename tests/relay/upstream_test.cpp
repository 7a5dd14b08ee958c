// Several targets: which one is reached, in which order, and what is said of those that are not.
#include "relay/upstream.hpp"

#include <doctest/doctest.h>

#include "config/values.hpp"
#include "support/loopback.hpp"
#include "support/silent.hpp"

namespace tunnel {
namespace {

using namespace std::chrono_literals;
using config::HostPort;
using test::closed_port;
using test::loopback_acceptor;

// A plain service, and the connections that it would dial.
struct Dialled {
  Worker worker;
  ServiceSnapshot snapshot;
  std::shared_ptr<ServiceStats> stats = std::make_shared<ServiceStats>();

  explicit Dialled(std::vector<config::SocketAddress> targets,
                   std::chrono::milliseconds timeout = 20s) {
    config::Service service;
    service.tls = false;
    service.connect = std::move(targets);
    service.timeouts.connect = timeout;
    snapshot.settings = std::make_shared<const config::Service>(service);
    snapshot.load_balancer = std::make_shared<LoadBalancer>(service);
  }

  struct Opened {
    Result<std::monostate> result;
    std::string target;
    std::string detour;
  };
  Opened open() {
    Upstream upstream(worker, snapshot, stats);
    auto result = test::run(worker.io, upstream.open());
    return {std::move(result), upstream.target(), upstream.take_failover()};
  }
};

TEST_CASE("targets are tried in order") {
  asio::io_context io;
  net::Acceptor first = loopback_acceptor(io);
  net::Acceptor second = loopback_acceptor(io);
  const HostPort nobody{"127.0.0.1", closed_port()};
  const HostPort a{"127.0.0.1", first.local_endpoint().port()};
  const HostPort b{"127.0.0.1", second.local_endpoint().port()};
  CHECK_EQ(Dialled({a, b}).open().target, a.text());
  const auto opened = Dialled({nobody, b, a}).open();
  CHECK_EQ(opened.target, b.text());
  CHECK_EQ(opened.detour,
           nobody.text() + " refuses the connection; so this one goes to " + b.text());
}

std::uint64_t count_of(const TargetStats& target, TargetFailure failure) {
  return target.failures[static_cast<std::size_t>(failure)];
}

TEST_CASE("each attempt is counted for its target, with its cause") {
  asio::io_context io;
  net::Acceptor acceptor = loopback_acceptor(io);
  const HostPort nobody{"127.0.0.1", closed_port()};
  const HostPort nameless{"no-such-host.invalid", 1};
  const HostPort good{"127.0.0.1", acceptor.local_endpoint().port()};
  Dialled dialled({nobody, nameless, good}, 5s);
  REQUIRE(dialled.open().result.has_value());
  REQUIRE_EQ(dialled.stats->targets.size(), 3);
  CHECK_EQ(count_of(dialled.stats->targets[0], TargetFailure::refused), 1);
  CHECK_EQ(count_of(dialled.stats->targets[1], TargetFailure::unresolved), 1);
  CHECK_EQ(dialled.stats->targets[2].target, good.text());
  CHECK_EQ(dialled.stats->targets[2].connects, 1);
  CHECK_EQ(dialled.stats->connect_times.count(), 1);
}

TEST_CASE("one that has failed is not in the way of the next connection") {
  asio::io_context io;
  net::Acceptor acceptor = loopback_acceptor(io);
  const HostPort nobody{"127.0.0.1", closed_port()};
  const HostPort good{"127.0.0.1", acceptor.local_endpoint().port()};
  Dialled dialled({nobody, good});
  CHECK_NE(dialled.open().detour, "");
  const auto opened = dialled.open();
  CHECK_EQ(opened.target, good.text());
  CHECK_EQ(opened.detour, "");
}

TEST_CASE("where no target answers, each has its word") {
  const std::string a = "127.0.0.1:" + std::to_string(closed_port());
  const std::string b = "localhost:" + std::to_string(closed_port());
  const auto opened = Dialled({*config::host_port(a, false), *config::host_port(b, false)}).open();
  REQUIRE_FALSE(opened.result.has_value());
  CHECK_EQ(opened.result.error().message(),
           a + " refuses the connection; " + b +
               " refuses the connection; is the port right, and the service running? a relay made "
               "on demand has another port each time");
}

TEST_CASE("a name that does not exist does not keep the next target from its turn") {
  asio::io_context io;
  net::Acceptor acceptor = loopback_acceptor(io);
  const HostPort good{"127.0.0.1", acceptor.local_endpoint().port()};
  const auto opened = Dialled({HostPort{"no-such-host.invalid", 1}, good}, 5s).open();
  REQUIRE(opened.result.has_value());
  CHECK_EQ(opened.target, good.text());
}

#ifdef __linux__

TEST_CASE("each target has the whole time for itself") {
  const test::Silent silent;
  asio::io_context io;
  net::Acceptor acceptor = loopback_acceptor(io);
  const HostPort good{"127.0.0.1", acceptor.local_endpoint().port()};
  Dialled dialled({silent.target(), silent.target(), good}, 200ms);
  const auto opened = dialled.open();
  REQUIRE(opened.result.has_value());
  CHECK_EQ(opened.target, good.text());
  CHECK_EQ(count_of(dialled.stats->targets[0], TargetFailure::timeout), 2);
}

TEST_CASE("no further target is tried for who has gone") {
  const test::Silent silent;
  asio::io_context io;
  net::Acceptor acceptor = loopback_acceptor(io);
  const HostPort good{"127.0.0.1", acceptor.local_endpoint().port()};
  Dialled dialled({silent.target(), good}, 0s);
  Upstream upstream(dialled.worker, dialled.snapshot, dialled.stats);
  net::Timer timer(dialled.worker.io.get_executor(), 50ms);
  timer.async_wait([&](const net::ErrorCode&) { upstream.cancel(); });
  const auto result = test::run(dialled.worker.io, upstream.open());
  REQUIRE_FALSE(result.has_value());
  CHECK_EQ(result.error().what, "cancelled");
  CHECK_EQ(upstream.target(), "");
  CHECK(dialled.stats->targets.empty());
}

#endif

TEST_CASE("nowhere to go is an error too") {
  const auto opened = Dialled({}).open();
  REQUIRE_FALSE(opened.result.has_value());
  CHECK_EQ(opened.result.error().what, "there is nowhere to connect to");
}

}  // namespace
}  // namespace tunnel
