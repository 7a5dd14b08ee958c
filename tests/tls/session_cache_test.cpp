// Which sessions a client keeps, and for how long it believes them.
#include "tls/session_cache.hpp"

#include <doctest/doctest.h>

namespace tunnel::tls {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::system_clock;

Session session(Clock::duration age = 0s, Clock::duration left = 1h) {
  const auto now = std::chrono::floor<std::chrono::seconds>(Clock::now());
  const auto seconds = [](Clock::duration d) {
    return std::chrono::floor<std::chrono::seconds>(d);
  };
  return {make_session(), {now - seconds(age), now + seconds(left)}};
}

TEST_CASE("a session is given once, to its own target, the newest first") {
  SessionCache sessions;
  CHECK_FALSE(sessions.take("a"));
  Session first = session(), second = session();
  const auto* const newest = second.handle.get();
  sessions.put("a", std::move(first));
  sessions.put("a", std::move(second));
  CHECK_FALSE(sessions.take("b"));
  const auto taken = sessions.take("a");
  REQUIRE(taken);
  CHECK_EQ(taken->handle.get(), newest);
  CHECK(sessions.take("a"));
  CHECK_FALSE(sessions.take("a"));
}

TEST_CASE("trust ends after a day, with the first certificate, and where the clock went back") {
  struct {
    Clock::duration age, left;
    bool believed;
  } const cases[] = {
      {0s, 1h, true},  {23h + 59min, 1h, true}, {24h, 1h, false},  {48h, 1h, false},
      {1h, 30s, true}, {1h, -1s, false},        {1h, -24h, false}, {-1h, 1h, false},
  };
  for (const auto& given : cases) {
    CAPTURE(given.age.count());
    CAPTURE(given.left.count());
    SessionCache sessions;
    sessions.put("a", session(given.age, given.left));
    CHECK_EQ(sessions.take("a").has_value(), given.believed);
    CHECK_FALSE(sessions.take("a"));
  }
}

TEST_CASE("an expired session does not hide a good one") {
  SessionCache sessions;
  sessions.put("a", session());
  sessions.put("a", session(25h));
  CHECK(sessions.take("a"));
}

TEST_CASE("no more than 64 sessions are kept for a target, and the oldest goes") {
  SessionCache sessions;
  for (int i = 0; i < 100; ++i) sessions.put("a", session());
  int count = 0;
  while (sessions.take("a")) ++count;
  CHECK_EQ(count, 64);
}

TEST_CASE("a target that sends no tickets is asked again now and then") {
  SessionCache sessions;
  CHECK(sessions.expects_ticket("a"));
  sessions.note_ticket("a", false);
  int asked = 0;
  for (int i = 0; i < 640; ++i) asked += sessions.expects_ticket("a") ? 1 : 0;
  CHECK_EQ(asked, 10);
  CHECK(sessions.expects_ticket("b"));
  sessions.note_ticket("a", true);
  CHECK(sessions.expects_ticket("a"));
}

}  // namespace
}  // namespace tunnel::tls
