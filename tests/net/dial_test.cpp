// Connections to targets that answer, refuse, do not exist or say nothing.
#include "net/dial.hpp"

#include <doctest/doctest.h>

#include <asio/post.hpp>

#include <algorithm>
#include <optional>

#include "config/values.hpp"
#include "support/loopback.hpp"
#include "support/silent.hpp"

namespace tunnel::net {
namespace {

using namespace std::chrono_literals;
using config::HostPort;
using test::closed_port;
using test::loopback_acceptor;

struct Dialled {
  asio::io_context io{1};
  Resolver resolver;
  Dialer dialer{io.get_executor(), resolver};

  Result<Endpoint> to(const HostPort& target, std::chrono::milliseconds timeout = 20s) {
    return test::run(io, dialer.dial(config::SocketAddress(target), timeout, 60s));
  }
};

TEST_CASE("a target that listens is reached") {
  asio::io_context io;
  Acceptor acceptor = loopback_acceptor(io);
  const std::uint16_t port = acceptor.local_endpoint().port();
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    CAPTURE(host);
    Dialled dialled;
    const auto reached = dialled.to({host, port});
    REQUIRE(reached.has_value());
    CHECK_EQ(text(*reached), "127.0.0.1:" + std::to_string(port));
    test::Peer peer(acceptor);
    peer.send("hello");
    Socket& socket = dialled.dialer.socket();
    CHECK(socket.non_blocking());
    asio::ip::tcp::no_delay no_delay;
    socket.get_option(no_delay);
    CHECK(no_delay.value());
    asio::socket_base::keep_alive keep_alive;
    socket.get_option(keep_alive);
    CHECK(keep_alive.value());
    CHECK_FALSE(test::is_paced(socket));
    socket.wait(Socket::wait_read);
    char room[5];
    CHECK_EQ(socket.read_some(asio::buffer(room)), 5);
  }
}

TEST_CASE("a port where nobody listens refuses") {
  const std::string target = "127.0.0.1:" + std::to_string(closed_port());
  Dialled dialled;
  const auto reached = dialled.to(*config::host_port(target, false));
  REQUIRE_FALSE(reached.has_value());
  CHECK_EQ(reached.error().message(),
           target +
               " refuses the connection; is the port right, and the service running? a relay made "
               "on demand has another port each time");
}

Error refusal(const std::string& target, const ErrorCode& error, FarSide far_side) {
  return why_not_reached(target, *config::host_port(target, false), far_side, {error, false}, 20s);
}

TEST_CASE("of a device behind a server-mode tunnel nothing is said about relays") {
  for (const ErrorCode error :
       {ErrorCode(asio::error::timed_out), ErrorCode(asio::error::connection_refused),
        ErrorCode(asio::error::network_unreachable)}) {
    const Error device = refusal("192.0.2.7:5900", error, FarSide::device);
    CHECK_NE(device.hint, "");
    CHECK_EQ(device.hint.find("relay"), std::string::npos);
    CHECK_EQ(device.hint.find("public address"), std::string::npos);
    CHECK_EQ(device.what, refusal("192.0.2.7:5900", error, FarSide::relay).what);
  }
}

TEST_CASE("an address that has no way asks for the name, a name does not") {
  const auto hint = [](const std::string& target) {
    return refusal(target, asio::error::network_unreachable, FarSide::device).hint;
  };
  const std::string question = "is this machine on the network?";
  CHECK_EQ(hint("relay.example:443"), question);
  CHECK_EQ(
      hint("203.0.113.7:443"),
      question + " on an IPv6-only network, write the far side's name instead of its IPv4 address");
  CHECK_EQ(hint("[2001:db8::7]:443"),
           question + " on an IPv4-only network, write the far side's name or its IPv4 address");
}

TEST_CASE("a name that does not exist is told by name") {
  Dialled dialled;
  const auto reached = dialled.to({"no-such-host.invalid", 1}, 5s);
  REQUIRE_FALSE(reached.has_value());
  // a machine without a name server answers late or not at all
  const std::string& what = reached.error().what;
  CHECK((what == "the name no-such-host.invalid cannot be resolved (there is no such name)" ||
         what ==
             "the name no-such-host.invalid cannot be resolved (the name server does not answer)" ||
         what == "the name no-such-host.invalid is not resolved within 5.0 s"));
  CHECK_NE(reached.error().hint, "");
}

TEST_CASE("who asks for a name that is being resolved waits for the same answer") {
  asio::io_context io{1};
  Resolver resolver;
  const HostPort name{"no-such-host.invalid", 1};
  Timer first(io.get_executor());
  Timer second(io.get_executor());
  const auto lookup = resolver.join(io.get_executor(), name);
  std::optional<Resolver::Wait> one(std::in_place, resolver, lookup, first);
  CHECK_EQ(resolver.join(io.get_executor(), name), lookup);
  std::optional<Resolver::Wait> other(std::in_place, resolver, lookup, second);
  CHECK_NE(resolver.join(io.get_executor(), {"no-such-host.invalid", 2}), lookup);
  // one who goes does not take it away from the other
  one.reset();
  CHECK_EQ(resolver.join(io.get_executor(), name), lookup);
  other.reset();
  CHECK_NE(resolver.join(io.get_executor(), name), lookup);
  io.run();
  CHECK(lookup->done);
  // an answer is for those who have waited, and for nobody later
  CHECK_FALSE(resolver.join(io.get_executor(), name)->done);
}

TEST_CASE("a dial that is cancelled in its lookup ends at once") {
  Dialled dialled;
  asio::post(dialled.io, [&] { dialled.dialer.cancel(); });
  const auto reached = dialled.to({"no-such-host.invalid", 1}, 0s);
  REQUIRE_FALSE(reached.has_value());
  CHECK_EQ(reached.error().what, "cancelled");
}

#ifdef __linux__

TEST_CASE("a target that says nothing is given up in time") {
  const test::Silent silent;
  Dialled dialled;
  const auto reached = dialled.to(silent.target(), 200ms);
  REQUIRE_FALSE(reached.has_value());
  CHECK_EQ(reached.error().message(),
           silent.target().text() +
               " does not answer within 200 ms; is the address right, and this machine's public "
               "address still among those that it admits? a relay made on demand may also be past "
               "its time");
}

TEST_CASE("a dial that is cancelled while it waits ends at once") {
  const test::Silent silent;
  Dialled dialled;
  Timer timer(dialled.io.get_executor(), 50ms);
  timer.async_wait([&](const ErrorCode&) { dialled.dialer.cancel(); });
  const auto reached = dialled.to(silent.target(), 0s);
  REQUIRE_FALSE(reached.has_value());
  CHECK_EQ(reached.error().what, "cancelled");
  CHECK_FALSE(dialled.dialer.socket().is_open());
}

#endif

TEST_CASE("the steps can be taken one by one") {
  asio::io_context io;
  Acceptor acceptor = loopback_acceptor(io);
  const std::uint16_t open = acceptor.local_endpoint().port();
  Dialled dialled;
  const auto addresses = test::run(dialled.io, dialled.dialer.resolve({"localhost", open}, 20s));
  REQUIRE(addresses.has_value());
  const Endpoint ipv4(asio::ip::address_v4::loopback(), open);
  CHECK_EQ(std::count(addresses->begin(), addresses->end(), ipv4), 1);

  const Endpoint nobody(ipv4.address(), closed_port());
  const auto refused = test::run(dialled.io, dialled.dialer.connect(nobody, 20s, 60s));
  CHECK(refused.error == asio::error::connection_refused);
  CHECK_FALSE(refused.timed_out);
  // one that has failed can go on to another address
  const auto reached = test::run(dialled.io, dialled.dialer.connect(ipv4, 20s, 60s));
  CHECK_FALSE(reached.error);
  CHECK_EQ(peer_of(dialled.dialer.socket()), text(ipv4));
}

}  // namespace
}  // namespace tunnel::net
