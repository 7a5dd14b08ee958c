// When an end that does not answer is given up, and when not.
#include "net/peer_liveness.hpp"

#include <doctest/doctest.h>

#ifdef __linux__
#include <netinet/tcp.h>
#endif

#include <string>
#include <vector>

#include "support/loopback.hpp"

namespace tunnel::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using test::loopback_acceptor;

constexpr milliseconds patience = 90s;

struct Looked {
  PeerLiveness liveness;
  PeerLiveness::Clock::time_point now = PeerLiveness::Clock::now();
  PeerLiveness::Clock::time_point heard = now;
  std::uint32_t resent = 0;

  bool gone(bool owes) {
    const auto since = std::chrono::duration_cast<milliseconds>(now - heard);
    return liveness.gone({owes, false, since, resent}, now, patience);
  }
};

TEST_CASE("patience is what keepalive takes: a silence, and three probes") {
  CHECK_EQ(PeerLiveness::patience(60s), 90s);
  CHECK_EQ(PeerLiveness::patience(1s), 4s);
  CHECK_EQ(PeerLiveness::patience(0s), 0s);
}

TEST_CASE("an end that owes an answer for too long is gone") {
  Looked looked;
  CHECK_FALSE(looked.gone(true));
  looked.now += patience - 1ms;
  CHECK_FALSE(looked.gone(true));
  looked.now += 1ms;
  CHECK(looked.gone(true));
}

TEST_CASE("one that owes nothing is never gone, however long it was quiet") {
  Looked looked;
  for (int i = 0; i < 10; ++i) {
    looked.now += 1h;
    CHECK_FALSE(looked.gone(false));
  }
  // the clock begins with what it owes, not with its silence
  CHECK_FALSE(looked.gone(true));
  looked.now += patience - 1ms;
  CHECK_FALSE(looked.gone(true));
}

TEST_CASE("one that answers is not gone, however long it does not read") {
  Looked looked;
  for (int i = 0; i < 100; ++i) {
    looked.now += patience / 2;
    looked.heard = looked.now - 10s;  // it acknowledges the probes of its window
    CHECK_FALSE(looked.gone(true));
  }
}

TEST_CASE("one that has paid starts anew") {
  Looked looked;
  CHECK_FALSE(looked.gone(true));
  looked.now += patience - 1ms;
  CHECK_FALSE(looked.gone(false));
  looked.now += 1s;
  CHECK_FALSE(looked.gone(true));
  looked.now += patience - 1ms;
  CHECK_FALSE(looked.gone(true));
}

TEST_CASE("after a jolt three that were sent again in vain are enough") {
  Looked looked;
  looked.resent = 7;
  CHECK_FALSE(looked.gone(true));
  looked.now += 1s;
  looked.resent = 10;
  CHECK_FALSE(looked.gone(true));
  looked.liveness.begin_haste(looked.now);
  CHECK(looked.gone(true));
}

TEST_CASE("where nothing could be sent again yet, haste gives nobody up") {
  Looked looked;
  CHECK_FALSE(looked.gone(true));
  looked.liveness.begin_haste(looked.now);
  looked.now += PeerLiveness::haste - 1ms;
  looked.resent = 2;
  CHECK_FALSE(looked.gone(true));
  // and haste ends
  looked.now += 1s;
  looked.resent = 5;
  CHECK_FALSE(looked.gone(true));
}

#ifdef __linux__
// asked where changes of the network are watched
TEST_CASE("this machine has its own addresses, and no others") {
  asio::io_context io;
  OwnAddresses own(io.get_executor());
  CHECK(own.has(asio::ip::make_address("127.0.0.1")));
  CHECK_FALSE(own.has(asio::ip::make_address("192.0.2.1")));
  CHECK_FALSE(own.has(asio::ip::make_address("192.0.2.1")));
}

TEST_CASE("a live connection is left alone, in haste too, and its keepalive is set as before") {
  asio::io_context io;
  Acceptor acceptor = loopback_acceptor(io);
  Socket socket(io.get_executor());
  socket.connect(acceptor.local_endpoint());
  test::Peer peer(acceptor);
  const auto idle = [&socket] {
    int seconds = 0;
    socklen_t size = sizeof seconds;
    getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &seconds, &size);
    return seconds;
  };
  os::set_keepalive(socket.native_handle(), 60s);
  PeerLiveness liveness;
  OwnAddresses own(io.get_executor());
  Round round{PeerLiveness::Clock::now(), false, &own};
  const int usual = idle();
  CHECK_EQ(liveness.look(socket, round, 60s), "");
  CHECK_EQ(idle(), usual);
  round.jolted = true;
  CHECK_EQ(liveness.look(socket, round, 60s), "");
  CHECK_LE(idle(), 3);
  round.jolted = false;
  round.now += PeerLiveness::haste;
  CHECK_EQ(liveness.look(socket, round, 60s), "");
  CHECK_EQ(idle(), usual);
  // who has said that nobody is to be probed has said it
  round.jolted = true;
  CHECK_EQ(liveness.look(socket, round, 0s), "");
  CHECK_EQ(idle(), usual);
}

TEST_CASE("the system tells whether a peer owes, answers and has ended") {
  asio::io_context io;
  Acceptor acceptor = loopback_acceptor(io);
  Socket socket(io.get_executor());
  socket.connect(acceptor.local_endpoint());
  test::Peer peer(acceptor);
  const auto state = [&socket] { return os::peer_state(socket.native_handle()).value(); };
  CHECK_FALSE(state().owes);
  CHECK_FALSE(state().finished);
  CHECK_LT(state().heard, 60s);
  peer.finish();
  socket.wait(Socket::wait_read);
  CHECK(state().finished);
}

#endif

}  // namespace
}  // namespace tunnel::net
