// Which addresses stay, open and give way when the configuration changes.
#include "server/listener_binder.hpp"

#include <doctest/doctest.h>

#include "support/temporary_folder.hpp"

namespace tunnel {
namespace {

config::Service plain(std::string name, config::SocketAddress accept) {
  config::Service out;
  out.name = std::move(name);
  out.tls = false;
  out.accept = {std::move(accept)};
  return out;
}

struct Bench {
  ListenerBinder binder(const config::Service& service, std::vector<BoundAddress*> existing = {}) {
    return {io.get_executor(), manager, {service}, std::move(existing)};
  }
  // Binds the one address of a service that nothing listens on yet.
  BoundAddress bound(const config::Service& service) {
    ListenerBinder first = binder(service);
    REQUIRE_FALSE(first.keep(service, service.accept.front()));
    const auto error = first.open(service, service.accept.front());
    REQUIRE_FALSE(error.has_value());
    BoundListeners out = std::move(first).finish({});
    REQUIRE_EQ(out.added.size(), 1);
    return std::move(out.added.front());
  }
  // One at a port that the system chooses, as if the configuration had named it.
  BoundAddress bound_tcp() {
    BoundAddress out = bound(plain("old", config::HostPort{"127.0.0.1", 0}));
    out.accept = config::HostPort{"127.0.0.1", out.listeners.front()->endpoint().port()};
    return out;
  }

  test::TemporaryFolder folder;
  asio::io_context io;
  os::ServiceManager manager;
};

TEST_CASE("an address that stays keeps its socket, under the service that names it now") {
  Bench bench;
  const config::UnixSocket accept{(bench.folder.path() / "a.sock").string()};
  BoundAddress existing = bench.bound(plain("old", accept));
  const config::Service service = plain("new", accept);
  ListenerBinder binder = bench.binder(service, {&existing});
  CHECK(binder.keep(service, accept));
  CHECK_FALSE(binder.keep(service, accept));
  const BoundListeners out = std::move(binder).finish({});
  CHECK_EQ(out.of("new"), existing.listeners);
  CHECK(out.of("old").empty());
  CHECK(out.closing.empty());
  CHECK_EQ(existing.service, "old");
}

TEST_CASE("an address that no service names any more closes when the rest takes effect") {
  Bench bench;
  BoundAddress existing = bench.bound_tcp();
  const config::Service service = plain("new", config::HostPort{"127.0.0.1", 0});
  ListenerBinder binder = bench.binder(service, {&existing});
  CHECK_FALSE(binder.keep(service, service.accept.front()));
  CHECK_FALSE(binder.open(service, service.accept.front()).has_value());
  const BoundListeners out = std::move(binder).finish({});
  CHECK_EQ(out.closing, existing.listeners);
  CHECK_EQ(out.of("new").size(), 1);
  CHECK_EQ(existing.listeners.front()->endpoint().port(), existing.accept.tcp()->port);
}

TEST_CASE("port 0 stays with its service alone") {
  Bench bench;
  BoundAddress existing = bench.bound(plain("old", config::HostPort{"127.0.0.1", 0}));
  const config::Service other = plain("new", config::HostPort{"127.0.0.1", 0});
  CHECK_FALSE(bench.binder(other, {&existing}).keep(other, other.accept.front()));
  const config::Service same = plain("old", config::HostPort{"127.0.0.1", 0});
  CHECK(bench.binder(same, {&existing}).keep(same, same.accept.front()));
}

TEST_CASE("an address gives its port to a new one, and gets it back if another one fails") {
  Bench bench;
  BoundAddress existing = bench.bound_tcp();
  const std::uint16_t port = existing.accept.tcp()->port;
  const config::Service service = plain("new", config::HostPort{"localhost", port});
  ListenerBinder binder = bench.binder(service, {&existing});
  REQUIRE_FALSE(binder.keep(service, service.accept.front()));
  CHECK_FALSE(binder.open(service, service.accept.front()).has_value());
  const std::string nowhere = (bench.folder.path() / "missing" / "a.sock").string();
  CHECK(binder.open(service, config::UnixSocket{nowhere}).has_value());
  CHECK_EQ(binder.roll_back(), std::vector<BoundAddress*>{&existing});
  const auto again = binder.open_again(existing);
  REQUIRE(again.has_value());
  CHECK_EQ(again->listeners.front()->endpoint().port(), port);
}

TEST_CASE("an address that another program holds is refused, and nothing gives way") {
  Bench bench;
  const BoundAddress foreign = bench.bound_tcp();
  const config::Service service =
      plain("new", config::HostPort{"127.0.0.1", foreign.accept.tcp()->port});
  ListenerBinder binder = bench.binder(service);
  CHECK(binder.open(service, service.accept.front()).has_value());
  CHECK(binder.roll_back().empty());
}

}  // namespace
}  // namespace tunnel
