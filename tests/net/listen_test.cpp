// Listeners for what a configuration says, and the words where one cannot be.
#include "net/listen.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <set>

#include "support/loopback.hpp"

#ifdef __linux__
#include <unistd.h>
#endif

namespace tunnel::net {
namespace {

bool has_ipv6() {
  asio::io_context io;
  Acceptor acceptor(io.get_executor());
  ErrorCode error;
  acceptor.open(asio::ip::tcp::v6(), error);
  if (!error) acceptor.bind(Endpoint(asio::ip::address_v6::loopback(), 0), error);
  return !error;
}

// The port in "stop that one, or listen on 127.0.0.1:6000, the next port that is free".
std::uint16_t offered(const std::string& hint) {
  constexpr std::string_view before = "stop that one, or listen on ";
  REQUIRE(hint.starts_with(before));
  const std::string place =
      hint.substr(before.size(), hint.find(',', before.size()) - before.size());
  return static_cast<std::uint16_t>(std::stoul(place.substr(place.rfind(':') + 1)));
}

std::set<std::string> hosts(const std::vector<Acceptor>& acceptors) {
  std::set<std::string> out;
  for (const Acceptor& acceptor : acceptors)
    out.insert(acceptor.local_endpoint().address().to_string());
  return out;
}

std::set<std::string> with_ipv6(std::string v4, std::string v6) {
  std::set<std::string> out = {std::move(v4)};
  if (has_ipv6()) out.insert(std::move(v6));
  return out;
}

TEST_CASE("who connects from this machine is not paced") {
  asio::io_context io;
  auto listening = listen(io.get_executor(), {"127.0.0.1", 0}, false);
  REQUIRE(listening.has_value());
  const test::Peer client(listening->front().local_endpoint());
  Socket accepted(io.get_executor());
  listening->front().accept(accepted);
  CHECK_FALSE(test::is_paced(accepted));
}

TEST_CASE("a port alone is the loopback, of both families on one port") {
  asio::io_context io;
  const auto listening = listen(io.get_executor(), {"", 0}, false);
  REQUIRE(listening.has_value());
  CHECK(hosts(*listening) == with_ipv6("127.0.0.1", "::1"));
  const std::uint16_t port = listening->front().local_endpoint().port();
  CHECK_NE(port, 0);
  for (const Acceptor& acceptor : *listening) {
    CHECK_EQ(acceptor.local_endpoint().port(), port);
    const test::Peer reached(acceptor.local_endpoint());
  }
}

TEST_CASE("localhost is the loopback of both families") {
  asio::io_context io;
  for (const bool everywhere : {false, true}) {
    const auto listening = listen(io.get_executor(), {"localhost", 0}, everywhere);
    REQUIRE(listening.has_value());
    CHECK(hosts(*listening) == with_ipv6("127.0.0.1", "::1"));
  }
}

TEST_CASE("a server's port alone is every interface") {
  asio::io_context io;
  const auto listening = listen(io.get_executor(), {"", 0}, true);
  REQUIRE(listening.has_value());
  std::set<std::string> listening_on = hosts(*listening);
  CHECK_EQ(listening_on.erase("0.0.0.0"), 1);
  // some systems have the IPv6 of every interface, but none of the loopback
  if (has_ipv6()) CHECK(listening_on.contains("::"));
  listening_on.erase("::");
  CHECK(listening_on.empty());
}

TEST_CASE("an address is that one alone") {
  asio::io_context io;
  const auto v4 = listen(io.get_executor(), {"127.0.0.1", 0}, true);
  REQUIRE(v4.has_value());
  CHECK(hosts(*v4) == std::set<std::string>{"127.0.0.1"});
  if (!has_ipv6()) return;
  const auto v6 = listen(io.get_executor(), {"::1", 0}, true);
  REQUIRE(v6.has_value());
  CHECK(hosts(*v6) == std::set<std::string>{"::1"});
}

TEST_CASE("a busy port is told, with who holds it where the system says so") {
  asio::io_context io;
  const auto first = listen(io.get_executor(), {"127.0.0.1", 0}, false);
  REQUIRE(first.has_value());
  const std::uint16_t port = first->front().local_endpoint().port();
  for (const std::string host : {"127.0.0.1", ""}) {
    const auto second = listen(io.get_executor(), {host, port}, false);
    REQUIRE_FALSE(second.has_value());
    const std::string& what = second.error().what;
    CAPTURE(what);
    CHECK(
        what.starts_with("cannot listen on 127.0.0.1:" + std::to_string(port) + ": the port is "));
#ifdef __linux__
    CHECK(what.ends_with(" (process " + std::to_string(getpid()) + ")"));
#endif
    CHECK(offered(second.error().hint) > port);
  }
}

TEST_CASE("the next port that is free is offered, and no other service's") {
  asio::io_context io;
  // near the end of the range there may be none
  std::optional<Acceptor> first;
  std::uint16_t port = 0;
  while (!first || port > 65000) {
    auto listening = listen(io.get_executor(), {"127.0.0.1", 0}, false);
    REQUIRE(listening.has_value());
    first = std::move(listening->front());
    port = first->local_endpoint().port();
  }
  const auto refused = listen(io.get_executor(), {"127.0.0.1", port}, false);
  REQUIRE_FALSE(refused.has_value());
  const std::uint16_t free = offered(refused.error().hint);
  CHECK(listen(io.get_executor(), {"127.0.0.1", free}, false).has_value());
  const auto again = listen(io.get_executor(), {"127.0.0.1", port}, false, {free});
  REQUIRE_FALSE(again.has_value());
  CHECK(offered(again.error().hint) > free);
  std::set<std::uint16_t> all;
  for (std::uint32_t taken = port; taken <= port + 100U; ++taken)
    all.insert(static_cast<std::uint16_t>(taken));
  const auto none = listen(io.get_executor(), {"127.0.0.1", port}, false, all);
  REQUIRE_FALSE(none.has_value());
  CHECK_EQ(none.error().hint, "stop that one, or choose another port");
}

TEST_CASE("where one family is busy, nothing listens") {
  if (!has_ipv6()) return;
  asio::io_context io;
  const auto v6 = listen(io.get_executor(), {"::1", 0}, false);
  REQUIRE(v6.has_value());
  const std::uint16_t port = v6->front().local_endpoint().port();
  const auto both = listen(io.get_executor(), {"", port}, false);
  REQUIRE_FALSE(both.has_value());
  CHECK(both.error().what.starts_with("cannot listen on [::1]:" + std::to_string(port)));
  // the IPv4 half is free again
  CHECK(listen(io.get_executor(), {"127.0.0.1", port}, false).has_value());
}

TEST_CASE("a port is free again at once, with old connections still about") {
  asio::io_context io;
  std::uint16_t port = 0;
  {
    auto first = listen(io.get_executor(), {"127.0.0.1", 0}, false);
    REQUIRE(first.has_value());
    port = first->front().local_endpoint().port();
    test::Peer client(first->front().local_endpoint());
    first->front().non_blocking(false);
    test::Peer server(first->front());
    server.close();
    client.receive_all();
  }
  CHECK(listen(io.get_executor(), {"127.0.0.1", port}, false).has_value());
}

TEST_CASE("an address of another machine is told as such") {
  asio::io_context io;
  const auto listening = listen(io.get_executor(), {"192.0.2.1", 0}, false);
  REQUIRE_FALSE(listening.has_value());
  CHECK_EQ(listening.error().message(),
           "cannot listen on 192.0.2.1:0: this machine does not have that address; choose one of "
           "its own, or give the port alone");
}

TEST_CASE("a name that does not exist is told as such") {
  asio::io_context io;
  const auto listening = listen(io.get_executor(), {"no-such-host.invalid", 5999}, false);
  REQUIRE_FALSE(listening.has_value());
  CHECK(listening.error().what.starts_with(
      "cannot listen on no-such-host.invalid:5999: the name cannot be resolved ("));
  CHECK_EQ(listening.error().hint, "give an address of this machine, or the port alone");
}

}  // namespace
}  // namespace tunnel::net
