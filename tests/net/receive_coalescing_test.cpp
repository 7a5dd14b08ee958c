// A fast stream's waits: for whom, and that nothing keeps one waiting for more than a moment.
#include "net/receive_coalescing.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <thread>

#include "net/receive.hpp"
#include "support/loopback.hpp"

namespace tunnel::net {
namespace {

using namespace std::chrono_literals;

struct Line {
  asio::io_context io{1};
  Acceptor acceptor = test::loopback_acceptor(io);
  test::Peer peer{acceptor.local_endpoint()};
  Socket socket = acceptor.accept(io.get_executor());
  ReceiveCoalescing bulk{socket, true};

  Line() { socket.non_blocking(true); }
  // Where the system cannot, nothing is ever due.
  bool possible() {
    test::Peer other(acceptor.local_endpoint());
    return os::set_least_to_receive(static_cast<os::NativeSocket>(other.socket().native_handle()),
                                    1);
  }
  // As if so much had come.
  void carry(std::uint64_t bytes) {
    for (; bytes > ReceiveCoalescing::block; bytes -= ReceiveCoalescing::block)
      bulk.on_received(ReceiveCoalescing::block);
    bulk.on_received(bytes);
  }
  bool becomes_due() {
    carry(ReceiveCoalescing::first_after);
    CHECK_EQ(bulk.due(), possible());
    return bulk.due();
  }
  std::string received() {
    std::string out(100'000, '\0');
    const ReadResult receipt = receive_now(socket, asio::buffer(out));
    CHECK_FALSE(receipt.error);
    out.resize(receipt.n);
    return out;
  }
  static Awaitable<bool> waited(ReceiveCoalescing& bulk) {
    co_await bulk.wait();
    co_return true;
  }
  void wait() { CHECK(test::run(io, waited(bulk))); }
};

TEST_CASE("a block is waited for once a stream has carried much, and in large parts") {
  Line line;
  line.carry(ReceiveCoalescing::first_after - 1);
  CHECK_FALSE(line.bulk.due());
  line.bulk.on_received(1);
  CHECK_FALSE(line.bulk.due());  // a small message
  line.bulk.on_received(16384);
  CHECK_EQ(line.bulk.due(), line.possible());
}

TEST_CASE("a stream that does not come in records is not waited for in blocks") {
  Line line;
  ReceiveCoalescing other(line.socket, false);
  for (int i = 0; i < 1000; ++i) other.on_received(ReceiveCoalescing::block);
  CHECK_FALSE(other.due());
}

TEST_CASE("a short rest comes after a moment, and the next block is waited for later") {
  Line line;
  if (!line.becomes_due()) return;
  line.peer.send("the rest");
  line.wait();
  CHECK_EQ(line.received(), "the rest");
  CHECK_FALSE(line.bulk.due());
  line.carry(2 * ReceiveCoalescing::first_after - 1);
  CHECK_FALSE(line.bulk.due());
  line.carry(16384);
  CHECK(line.bulk.due());
}

TEST_CASE("what comes long after the moment ends the wait") {
  Line line;
  if (!line.becomes_due()) return;
  std::thread later([&] {
    std::this_thread::sleep_for(100ms);
    line.peer.send("late");
  });
  line.wait();
  later.join();
  CHECK_EQ(line.received(), "late");
}

TEST_CASE("an end and a reset end the wait") {
  for (const bool reset : {false, true}) {
    CAPTURE(reset);
    Line line;
    if (!line.becomes_due()) return;
    if (reset)
      line.peer.reset();
    else
      line.peer.finish();
    line.wait();
    std::string room(1, '\0');
    const ReadResult receipt = receive_now(line.socket, asio::buffer(room));
    CHECK_EQ(receipt.error == asio::error::eof, !reset);
    CHECK_EQ(receipt.error == asio::error::connection_reset, reset);
  }
}

TEST_CASE("whoever waits afterwards is woken by a single byte") {
  Line line;
  line.becomes_due();
  line.bulk.stop();
  CHECK_FALSE(line.bulk.due());
  bool woken = false;
  std::array<char, 16> room{};
  line.socket.async_read_some(asio::buffer(room),
                              [&](const ErrorCode& error, std::size_t) { woken = !error; });
  line.peer.send("x");
  line.io.run_for(60s);
  CHECK(woken);
}

}  // namespace
}  // namespace tunnel::net
