// A bound on a wait is kept once, and never after it was lifted.
#include "net/deadline.hpp"

#include <doctest/doctest.h>

#include <asio/post.hpp>

#include <optional>
#include <string>
#include <thread>

namespace tunnel::net {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a deadline calls back once") {
  asio::io_context io;
  Deadline deadline(io.get_executor());
  int calls = 0;
  deadline.start(1ms, [&] { ++calls; });
  io.run();
  CHECK_EQ(calls, 1);
}

TEST_CASE("a stopped deadline does not call back") {
  asio::io_context io;
  Deadline deadline(io.get_executor());
  int calls = 0;
  deadline.start(1ms, [&] { ++calls; });
  deadline.stop();
  io.run();
  CHECK_EQ(calls, 0);
}

TEST_CASE("a deadline that has passed unseen can still be stopped") {
  asio::io_context io;
  Deadline deadline(io.get_executor());
  int calls = 0;
  deadline.start(1ms, [&] { ++calls; });
  std::this_thread::sleep_for(20ms);
  // both are due in the same turn of the loop
  asio::post(io, [&] {
    std::this_thread::sleep_for(5ms);
    deadline.stop();
  });
  io.run();
  CHECK_EQ(calls, 0);
}

TEST_CASE(
    "what came while the process stood still is seen before a deadline that passed meanwhile") {
  asio::io_context io;
  Deadline deadline(io.get_executor());
  std::string order;
  deadline.start(1ms, [&] { order += "deadline"; });
  std::this_thread::sleep_for(1100ms);
  // the timer is due in the same turn as this, and comes first
  asio::post(io, [&] { asio::post(io, [&] { order += "bytes, "; }); });
  io.run();
  CHECK_EQ(order, "bytes, deadline");
}

TEST_CASE("a deadline dies silently") {
  asio::io_context io;
  int calls = 0;
  {
    Deadline deadline(io.get_executor());
    deadline.start(1ms, [&] { ++calls; });
  }
  io.run();
  CHECK_EQ(calls, 0);

  auto late = std::make_optional<Deadline>(io.get_executor());
  late->start(1ms, [&] { ++calls; });
  std::this_thread::sleep_for(20ms);
  asio::post(io, [&] { late.reset(); });
  io.restart();
  io.run();
  CHECK_EQ(calls, 0);
}

TEST_CASE("a new start replaces the old one") {
  asio::io_context io;
  Deadline deadline(io.get_executor());
  std::string calls;
  deadline.start(1ms, [&] { calls += "a"; });
  deadline.start(2ms, [&] { calls += "b"; });
  io.run();
  CHECK_EQ(calls, "b");
}

TEST_CASE("zero is never, and stops what was running") {
  asio::io_context io;
  Deadline deadline(io.get_executor());
  int calls = 0;
  deadline.start(1ms, [&] { ++calls; });
  deadline.start(0ms, [&] { ++calls; });
  io.run();
  CHECK_EQ(calls, 0);
}

TEST_CASE("a deadline may start or end itself when it calls back") {
  asio::io_context io;
  auto deadline = std::make_optional<Deadline>(io.get_executor());
  int calls = 0;
  std::function<void()> again = [&] {
    if (++calls == 3)
      deadline.reset();
    else
      deadline->start(1ms, again);
  };
  deadline->start(1ms, again);
  io.run();
  CHECK_EQ(calls, 3);
}

}  // namespace
}  // namespace tunnel::net
