// Addresses that answer, refuse or are silent, and which of them a connection goes to.
#include "net/happy_eyeballs.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/loopback.hpp"
#include "support/silent.hpp"

namespace tunnel::net {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using test::closed_port;
using test::loopback_acceptor;

Endpoint at(const std::string& address) { return {asio::ip::make_address(address), 443}; }

std::string order_of(const std::vector<std::string>& addresses) {
  std::vector<Endpoint> endpoints;
  for (const std::string& address : addresses) endpoints.push_back(at(address));
  std::string out;
  for (const Endpoint& endpoint : interleaved(endpoints))
    out += (out.empty() ? "" : " ") + endpoint.address().to_string();
  return out;
}

TEST_CASE("families take turns, the resolver's choice first") {
  CHECK_EQ(order_of({}), "");
  CHECK_EQ(order_of({"192.0.2.1"}), "192.0.2.1");
  CHECK_EQ(order_of({"2001:db8::1", "2001:db8::2", "192.0.2.1", "192.0.2.2"}),
           "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2");
  CHECK_EQ(order_of({"192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1"}),
           "192.0.2.1 2001:db8::1 192.0.2.2 192.0.2.3");
  CHECK_EQ(order_of({"192.0.2.1", "2001:db8::1", "192.0.2.1", "2001:db8::1"}),
           "192.0.2.1 2001:db8::1");
}

TEST_CASE("a name with very many addresses is not tried at all of them") {
  std::vector<Endpoint> many;
  for (int i = 0; i < 1000; ++i)
    many.push_back(at("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250)));
  CHECK_EQ(interleaved(many).size(), most_addresses);
}

struct Run {
  asio::io_context io{1};
  HappyEyeballs race{io.get_executor()};

  ConnectResult to(std::vector<Endpoint> addresses, std::chrono::milliseconds timeout = 20s) {
    return test::run(io, race.run(std::move(addresses), timeout));
  }
};

const Endpoint& nobody() {
  static const Endpoint out(asio::ip::address_v4::loopback(), closed_port());
  return out;
}

TEST_CASE("the first that connects is taken, after those that refuse") {
  asio::io_context io;
  Acceptor acceptor = loopback_acceptor(io);
  Run run;
  CHECK_FALSE(run.to({nobody(), nobody(), acceptor.local_endpoint()}).error);
  CHECK(run.race.endpoint() == acceptor.local_endpoint());
  CHECK_EQ(peer_of(run.race.socket()), text(acceptor.local_endpoint()));
  Run other;
  CHECK(other.to({nobody(), nobody()}).error == asio::error::connection_refused);
}

TEST_CASE("only one of those that could be had is connected to") {
  asio::io_context io;
  Acceptor first = loopback_acceptor(io);
  Acceptor second = loopback_acceptor(io);
  second.non_blocking(true);
  Run run;
  CHECK_FALSE(run.to({first.local_endpoint(), second.local_endpoint()}).error);
  CHECK(run.race.endpoint() == first.local_endpoint());
  ErrorCode error;
  Socket none(io.get_executor());
  second.accept(none, error);
  CHECK(error == asio::error::would_block);
}

#ifdef __linux__

TEST_CASE("an address that is silent costs the delay, not its whole time") {
  const test::Silent silent;
  asio::io_context io;
  Acceptor acceptor = loopback_acceptor(io);
  Run run;
  const auto began = Clock::now();
  CHECK_FALSE(run.to({silent.endpoint(), acceptor.local_endpoint()}, 60s).error);
  CHECK(run.race.endpoint() == acceptor.local_endpoint());
  const auto took = Clock::now() - began;
  CHECK_GE(took, attempt_delay);
  CHECK_LT(took, 10 * attempt_delay);
}

TEST_CASE("where all are silent, each has its whole time, and they wait beside each other") {
  const test::Silent silent;
  Run run;
  const auto began = Clock::now();
  const ConnectResult attempt =
      run.to({silent.endpoint(), silent.endpoint(), silent.endpoint()}, 1000ms);
  CHECK(attempt.error == asio::error::timed_out);
  CHECK(attempt.timed_out);
  CHECK_GE(Clock::now() - began, 2 * attempt_delay + 1000ms);
}

TEST_CASE("a race that is cancelled ends at once") {
  const test::Silent silent;
  Run run;
  Timer timer(run.io.get_executor(), 20ms);
  timer.async_wait([&](const ErrorCode&) { run.race.cancel(); });
  CHECK(run.to({silent.endpoint(), silent.endpoint()}, 0s).error == asio::error::operation_aborted);
}

#endif

}  // namespace
}  // namespace tunnel::net
