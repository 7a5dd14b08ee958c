// When an end that does not answer is given up, and when not.
#include "net/peer_liveness.hpp"

#include <doctest/doctest.h>

#ifdef __linux__
#include <netinet/tcp.h>
#endif

#include <optional>
#include <string>
#include <thread>

#include "support/loopback.hpp"

namespace tunnel::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using test::loopback_acceptor;

constexpr milliseconds keepalive = 60s;

// The rule for one end that was asked at the beginning, at any time after it.
struct Asked {
  ProbeStats stats;
  LivenessRound::Clock::time_point begin = LivenessRound::Clock::now();
  PeerLiveness liveness;
  bool fast = true;
  bool few = false;
  bool owes = false;
  bool wants_witness = false;

  bool gone(milliseconds silent, std::uint32_t unanswered, milliseconds heard_others_ago) {
    liveness.begin(begin, fast);
    ProbeStats seen = stats;
    seen.on_heard(begin + silent - heard_others_ago);
    LivenessRound round{.now = begin + silent, .stats = seen};
    round.few = few;
    const bool out =
        liveness.gone({.owes = owes, .heard = silent, .unanswered = unanswered}, round, keepalive);
    wants_witness = round.wants_witness;
    return out;
  }
};

TEST_CASE("patience is what keepalive takes: a silence, and three probes") {
  CHECK_EQ(PeerLiveness::patience(60s), 90s);
  CHECK_EQ(PeerLiveness::patience(1s), 4s);
  CHECK_EQ(PeerLiveness::patience(0s), 0s);
}

TEST_CASE("after a change a peer is given up within seconds where others answer") {
  Asked asked;
  CHECK_FALSE(asked.gone(14s, 100, 0s));
  CHECK(asked.gone(15s, 7, 1s));
  CHECK(asked.gone(15s, 7, 3s));
}

TEST_CASE("where nobody is heard, nobody is given up: a witness is asked for") {
  Asked asked;
  CHECK_FALSE(asked.gone(15s, 100, 4s));
  CHECK(asked.wants_witness);
  CHECK_FALSE(asked.gone(179s, 100, 100s));
  CHECK(asked.wants_witness);
  // but not for ever
  CHECK(asked.gone(180s, 100, 170s));
}

TEST_CASE("a few peers have no witness, and are given more time") {
  Asked asked;
  asked.few = true;
  CHECK_FALSE(asked.gone(29s, 100, 1000s));
  CHECK(asked.gone(30s, 7, 1000s));
  CHECK_FALSE(asked.wants_witness);
}

TEST_CASE("without a change it takes three probes, and for data on its way the whole patience") {
  Asked asked;
  asked.fast = false;
  CHECK_FALSE(asked.gone(29s, 100, 0s));
  CHECK(asked.gone(30s, 7, 0s));
  asked.owes = true;
  CHECK_FALSE(asked.gone(89s, 100, 0s));
  CHECK(asked.gone(90s, 7, 0s));
}

TEST_CASE("fewer lost probes than a live peer may lose are no reason, however long it takes") {
  Asked asked;
  CHECK_EQ(asked.stats.enough(), 7);
  CHECK_FALSE(asked.gone(1h, 6, 0s));
  SUBCASE("on a network that loses none, five are enough") {
    for (int i = 0; i < 200; ++i) asked.stats.on_answer(0);
    CHECK_EQ(asked.stats.enough(), 5);
    CHECK(asked.gone(15s, 5, 0s));
  }
  SUBCASE("one that loses a tenth has more lost in a row") {
    for (int i = 0; i < 900; ++i) asked.stats.on_answer(i % 9 == 0 ? 1 : 0);
    CHECK_EQ(asked.stats.enough(), 9);
    CHECK_FALSE(asked.gone(15s, 8, 0s));
  }
  SUBCASE("a third") {
    for (int i = 0; i < 5000; ++i) asked.stats.on_answer(i % 2 == 0 ? 0 : 1);
    CHECK_EQ(asked.stats.enough(), 19);
  }
  SUBCASE("and there is a bound") {
    for (int i = 0; i < 1000; ++i) asked.stats.on_answer(4);
    CHECK_EQ(asked.stats.enough(), 20);
  }
}

TEST_CASE("what was lost long ago is forgotten") {
  ProbeStats stats;
  for (int i = 0; i < 1000; ++i) stats.on_answer(4);
  for (int i = 0; i < 40'000; ++i) stats.on_answer(0);
  CHECK_EQ(stats.enough(), 5);
}

#ifdef __linux__
// asked where changes of the network are watched
TEST_CASE("this machine has its own addresses, and no others") {
  asio::io_context io;
  LocalAddresses own(io.get_executor());
  CHECK(own.has(asio::ip::make_address("127.0.0.1")));
  CHECK_FALSE(own.has(asio::ip::make_address("192.0.2.1")));
  CHECK_FALSE(own.has(asio::ip::make_address("192.0.2.1")));
  const auto loopback = asio::ip::make_address("127.0.0.1");
  CHECK_FALSE(own.route_changed(loopback, loopback));
  CHECK(own.route_changed(asio::ip::make_address("192.0.2.1"), loopback));
}

struct Connected {
  asio::io_context io;
  Acceptor acceptor = loopback_acceptor(io);
  Socket socket{io.get_executor()};
  std::optional<test::Peer> peer;
  ProbeStats stats;
  LivenessRound round{.now = LivenessRound::Clock::now(), .stats = stats, .budget = 1};

  Connected() {
    socket.connect(acceptor.local_endpoint());
    peer.emplace(acceptor);
    os::set_keepalive(socket.native_handle(), keepalive);
  }
  int idle() {
    int seconds = 0;
    socklen_t size = sizeof seconds;
    getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &seconds, &size);
    return seconds;
  }
};

TEST_CASE("a peer within this machine is not asked after a change, and not probed") {
  Connected c;
  PeerLiveness liveness;
  LocalAddresses addresses(c.io.get_executor());
  const int usual = c.idle();
  liveness.ask(c.socket, c.round.now, addresses);
  CHECK_EQ(liveness.check(c.socket, c.round, keepalive), "");
  CHECK_FALSE(liveness.ask_witness(c.round.now));
  CHECK_EQ(c.round.budget, 1);
  CHECK_EQ(c.round.remote, 0);
  CHECK_EQ(c.round.asked, 0);
  CHECK_EQ(c.idle(), usual);
}

TEST_CASE("a peer that was asked is probed, answers, and is left alone as before") {
  Connected c;
  PeerLiveness liveness;
  const int usual = c.idle();
  std::this_thread::sleep_for(1100ms);  // a shorter silence needs no probe
  c.round.now = LivenessRound::Clock::now();
  liveness.begin(c.round.now, true);
  c.round.budget = 0;
  CHECK_EQ(liveness.check(c.socket, c.round, keepalive), "");
  CHECK(c.round.starved);
  CHECK_EQ(c.idle(), usual);
  c.round.budget = 1;
  CHECK_EQ(liveness.check(c.socket, c.round, keepalive), "");
  CHECK_EQ(c.round.budget, 0);
  CHECK_EQ(c.idle(), 1);
  std::this_thread::sleep_for(100ms);
  CHECK_LT(os::peer_state(c.socket.native_handle())->heard, 1s);
  c.round.now += 1s;
  c.round.budget = 1;
  CHECK_EQ(liveness.check(c.socket, c.round, keepalive), "");
  CHECK_EQ(c.idle(), usual);
  c.round.asked = 0;
  CHECK_EQ(liveness.check(c.socket, c.round, keepalive), "");
  CHECK_EQ(c.round.asked, 0);
}

TEST_CASE("without keepalive nobody is probed") {
  Connected c;
  PeerLiveness liveness;
  liveness.begin(c.round.now, true);
  CHECK_EQ(liveness.check(c.socket, c.round, 0s), "");
  CHECK_EQ(c.round.budget, 1);
}

TEST_CASE("the system tells whether a peer owes, answers and has ended") {
  Connected c;
  const auto state = [&c] { return os::peer_state(c.socket.native_handle()).value(); };
  CHECK_FALSE(state().owes);
  CHECK_FALSE(state().finished);
  CHECK_EQ(state().unanswered, 0);
  CHECK_LT(state().heard, 60s);
  c.peer->finish();
  c.socket.wait(Socket::wait_read);
  CHECK(state().finished);
  CHECK_FALSE(state().closed);
  c.peer->reset();
  while (!state().closed) std::this_thread::sleep_for(1ms);
}

#endif

}  // namespace
}  // namespace tunnel::net
