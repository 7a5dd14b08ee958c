// Sessions that go on: when a client resumes, when it must not, and what the wire does to tickets.
#include <doctest/doctest.h>

#include "support/engine_pair.hpp"
#include "support/tls_context.hpp"

namespace tunnel::tls {
namespace {

using test::Bytes;
using test::bytes_of;
using test::Pair;
using test::pattern;
using test::Status;
using test::text_of;

constexpr Version versions[] = {Version::tls12, Version::tls13};

struct Wish {
  bool client = true, server = true;  // resume
};

const test::Certificate& authority() {
  static const test::Certificate ca =
      test::make_certificate({.subject = "CN=Test Authority", .authority = true});
  return ca;
}

std::shared_ptr<const Context> client_of(Version version, const Wish& wish = {}) {
  Tuning own;
  own.own_records = true;
  return test::client_context({.ca = authority().pem,
                               .min = version,
                               .max = version,
                               .resume = wish.client,
                               .tuning = own});
}

std::shared_ptr<const Context> server_of(Version version, const Wish& wish = {}) {
  const test::Certificate relay =
      test::make_certificate({.names = {"relay.example", "other.example"}}, &authority());
  return test::server_context(relay, {.min = version, .max = version, .resume = wish.server});
}

// What the server says arrives, with tickets; whether the connection went on with a session.
bool talk(Pair& pair, std::size_t chunk = 100'000) {
  REQUIRE(pair.shake(chunk));
  // byte by byte a little is enough
  const Bytes down = pattern(chunk < 100 ? 200 : 20'000), up = pattern(chunk < 100 ? 300 : 30'000);
  REQUIRE(pair.server.write(down) == Status::ok);
  REQUIRE(pair.client.write(up) == Status::ok);
  pair.deliver();
  CHECK(pair.client.read_all(chunk) == down);
  CHECK(pair.server.read_all(chunk) == up);
  CHECK_EQ(pair.server.engine.resumed(), pair.client.engine.resumed());
  return pair.client.engine.resumed();
}

// One more connection between the two.
bool resumes(const std::shared_ptr<const Context>& client,
             const std::shared_ptr<const Context>& server, std::size_t chunk = 100'000) {
  Pair pair(client, server);
  return talk(pair, chunk);
}

// Records of mbedTLS never lie in the block that they were sealed in.
bool records_are_ours(test::End& end) {
  Bytes block(end.engine.record_layout().size(1));
  std::span<const std::byte> wire;
  REQUIRE(end.engine.seal(block, 1, wire) == Status::ok);
  return !wire.empty();
}

TEST_CASE("a client resumes again and again, and the data is whole") {
  for (const auto version : versions) {
    const auto client = client_of(version), server = server_of(version);
    CHECK_FALSE(resumes(client, server));
    for (int i = 0; i < 5; ++i) CHECK(resumes(client, server));
  }
}

TEST_CASE("tickets survive any cutting of the wire, alone and in one flight with data") {
  for (const auto version : versions)
    for (const std::size_t chunk : {1U, 5U, 7U, 100U, 1000U}) {
      CAPTURE(chunk);
      const auto client = client_of(version), server = server_of(version);
      CHECK_FALSE(resumes(client, server, chunk));
      CHECK(resumes(client, server, chunk));
    }
}

TEST_CASE("a ticket is used once") {
  const auto version = Version::tls13;
  const auto client = client_of(version), server = server_of(version);
  CHECK_FALSE(resumes(client, server));
  // the new ticket of the first lies unread
  Pair first(client, server), second(client, server);
  REQUIRE(first.shake());
  REQUIRE(second.shake());
  CHECK(first.client.engine.resumed());
  CHECK_FALSE(second.client.engine.resumed());
}

TEST_CASE("a new context knows none of the sessions before it") {
  for (const auto version : versions) {
    const auto server = server_of(version);
    const auto client = client_of(version);
    CHECK_FALSE(resumes(client, server));
    CHECK_FALSE(resumes(client_of(version), server));
    CHECK(resumes(client, server));
  }
}

TEST_CASE("a server with new keys refuses the ticket and shakes hands in full") {
  for (const auto version : versions) {
    const auto client = client_of(version);
    CHECK_FALSE(resumes(client, server_of(version)));
    const auto renewed = server_of(version);
    CHECK_FALSE(resumes(client, renewed));
    CHECK(resumes(client, renewed));
  }
}

TEST_CASE("the session of another name or port is not used") {
  for (const auto version : versions) {
    const auto client = client_of(version), server = server_of(version);
    CHECK_FALSE(resumes(client, server));
    Pair other(client, server, {"other.example", false});
    CHECK_FALSE(talk(other));
    test::End elsewhere(client, "relay.example:444", {"relay.example", false});
    Pair port(client, server);
    REQUIRE(elsewhere.engine.handshake() == Status::starved);
    // a ticket or a session identifier is in a ClientHello that is longer
    port.client.step(0);
    CHECK_LT(elsewhere.engine.output().size(), port.client.engine.output().size());
  }
}

TEST_CASE("without resume on both sides each handshake is a full one") {
  for (const auto version : versions)
    for (const Wish wish : {Wish{false, true}, Wish{true, false}, Wish{false, false}}) {
      const auto client = client_of(version, wish), server = server_of(version, wish);
      for (int i = 0; i < 3; ++i) CHECK_FALSE(resumes(client, server));
    }
}

TEST_CASE("records are ours once the ticket is in, or data shows that none comes") {
  const auto version = Version::tls13;
  for (const bool tickets : {true, false}) {
    CAPTURE(tickets);
    const auto client = client_of(version), server = server_of(version, {.server = tickets});
    Pair pair(client, server);
    REQUIRE(pair.shake());
    CHECK_FALSE(records_are_ours(pair.client));
    pair.client.read_all();
    CHECK_EQ(records_are_ours(pair.client), tickets);
    REQUIRE(pair.server.write(bytes_of("data")) == Status::ok);
    pair.deliver();
    CHECK_EQ(text_of(pair.client.read_all()), "data");
    CHECK(records_are_ours(pair.client));
    // whoever has sent none is not waited for
    Pair next(client, server);
    REQUIRE(next.shake());
    CHECK_EQ(records_are_ours(next.client), !tickets);
  }
}

TEST_CASE("who sends much and hears nothing waits for no ticket, and loses nothing") {
  const auto version = Version::tls13;
  const auto client = client_of(version), server = server_of(version, {.server = false});
  Pair pair(client, server);
  REQUIRE(pair.shake());
  const Bytes much = pattern(60'000);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(pair.client.write(much) == Status::ok);
    pair.deliver();
    CHECK(pair.server.read_all() == much);
  }
  REQUIRE(pair.server.write(bytes_of("late")) == Status::ok);
  pair.deliver();
  CHECK_EQ(text_of(pair.client.read_all()), "late");
  CHECK(records_are_ours(pair.client));
}

TEST_CASE("a certificate without an end does not end the trust") {
  const test::Certificate relay =
      test::make_certificate({.names = {"relay.example"}, .until = "99991231235959"}, &authority());
  for (const auto version : {Version::tls12, Version::tls13}) {
    const auto client = client_of(version);
    const auto server =
        test::server_context(relay, {.min = version, .max = version, .resume = true});
    CHECK_FALSE(resumes(client, server));
    CHECK(resumes(client, server));
  }
}

TEST_CASE("in TLS 1.2 records are ours at once") {
  const auto version = Version::tls12;
  Pair pair(client_of(version), server_of(version));
  REQUIRE(pair.shake());
  CHECK(records_are_ours(pair.client));
}

TEST_CASE("an end, a truncation or a forgery in place of the ticket is what it is") {
  const auto version = Version::tls13;
  const auto client = client_of(version), server = server_of(version, {.server = false});
  {
    Pair pair(client, server);
    REQUIRE(pair.shake());
    REQUIRE(pair.server.engine.close() == Status::ok);
    pair.deliver();
    CHECK(pair.client.read_all().empty());
    CHECK(pair.client.status == Status::closed);
  }
  const auto fresh = client_of(version);
  {
    Pair pair(fresh, server);
    REQUIRE(pair.shake());
    pair.client.engine.feed_end();
    CHECK(pair.client.read_all().empty());
    CHECK(pair.client.status == Status::truncated);
  }
  Pair pair(fresh, server);
  REQUIRE(pair.shake());
  REQUIRE(pair.server.write(bytes_of("evil")) == Status::ok);
  pair.server.engine.output().back() ^= std::byte{1};
  pair.deliver();
  CHECK(pair.client.read_all().empty());
  CHECK(pair.client.status == Status::failed);
  CHECK_EQ(pair.client.engine.failure().message(),
           "a record from relay.example:443 was forged or damaged on the way");
}

}  // namespace
}  // namespace tunnel::tls
