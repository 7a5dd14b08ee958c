// Two engines back to back: what arrives, how it ends, and that no byte gets lost on the way.
#include "tls/engine.hpp"

#include <doctest/doctest.h>

#include "support/client_hello.hpp"
#include "support/engine_pair.hpp"
#include "support/tls_context.hpp"

namespace tunnel::tls {
namespace {

using test::bytes_of;
using test::Pair;
using test::pattern;
using test::text_of;

struct Contexts {
  std::shared_ptr<const Context> client;
  std::shared_ptr<const Context> server;
};

// One authority and one relay for all tests.
Contexts contexts(Version version) {
  static const test::Certificate ca =
      test::make_certificate({.subject = "CN=Test Authority", .authority = true});
  static const test::Certificate relay = test::make_certificate({.names = {"relay.example"}}, &ca);
  static const auto make = [](Version v) {
    test::ContextWish wish{.min = v, .max = v};
    wish.ca = ca.pem;
    return Contexts{test::client_context(wish), test::server_context(relay, {.min = v, .max = v})};
  };
  static const Contexts tls12 = make(Version::tls12);
  static const Contexts tls13 = make(Version::tls13);
  return version == Version::tls12 ? tls12 : tls13;
}

constexpr Version versions[] = {Version::tls12, Version::tls13};

std::string name_of(Version version) { return version == Version::tls12 ? "TLS 1.2" : "TLS 1.3"; }

Pair pair_of(Version version) {
  const Contexts shared = contexts(version);
  return {shared.client, shared.server};
}

TEST_CASE("the handshake and the data survive any cutting of the wire") {
  for (const auto version : versions) {
    for (const std::size_t chunk : {1U, 2U, 3U, 5U, 7U, 100U, 1'000'000U}) {
      CAPTURE(name_of(version));
      CAPTURE(chunk);
      Pair pair = pair_of(version);
      REQUIRE(pair.shake(chunk));
      CHECK_EQ(pair.client.engine.version(), name_of(version));
      CHECK_EQ(pair.server.engine.version(), name_of(version));
      CHECK_EQ(pair.client.engine.group(), "X25519");
      CHECK_EQ(pair.server.engine.group(), "X25519");

      const Bytes up = pattern(40'000);
      const Bytes down = pattern(50'001);
      REQUIRE(pair.client.write(up) == Engine::Status::ok);
      REQUIRE(pair.server.write(down) == Engine::Status::ok);
      pair.deliver();
      CHECK(pair.server.read_all(chunk) == up);
      CHECK(pair.server.status == Engine::Status::starved);
      CHECK(pair.client.read_all(chunk) == down);
      CHECK(pair.client.status == Engine::Status::starved);

      REQUIRE(pair.client.engine.close() == Engine::Status::ok);
      REQUIRE(pair.server.engine.close() == Engine::Status::ok);
      pair.deliver();
      CHECK(pair.server.read_all(chunk).empty());
      CHECK(pair.server.status == Engine::Status::closed);
      CHECK(pair.client.read_all(chunk).empty());
      CHECK(pair.client.status == Engine::Status::closed);
    }
  }
}

TEST_CASE("one large write arrives exactly") {
  for (const auto version : versions) {
    CAPTURE(name_of(version));
    Pair pair = pair_of(version);
    REQUIRE(pair.shake());
    const Bytes much = pattern(1 << 20);
    REQUIRE(pair.client.write(much) == Engine::Status::ok);
    CHECK_GT(pair.client.engine.output().size(), much.size());
    pair.deliver();
    CHECK(pair.server.read_all() == much);
    REQUIRE(pair.server.write(much) == Engine::Status::ok);
    pair.deliver();
    CHECK(pair.client.read_all(16'384) == much);
  }
}

TEST_CASE("the plaintext is not on the wire") {
  for (const auto version : versions) {
    Pair pair = pair_of(version);
    REQUIRE(pair.shake());
    REQUIRE(pair.client.write(bytes_of("a secret that nobody sees")) == Engine::Status::ok);
    CHECK_EQ(text_of(pair.client.engine.output()).find("secret"), std::string::npos);
  }
}

TEST_CASE("writing nothing says nothing") {
  Pair pair = pair_of(Version::tls13);
  REQUIRE(pair.shake());
  CHECK(pair.client.write({}) == Engine::Status::ok);
  CHECK(pair.client.engine.output().empty());
}

TEST_CASE("each direction ends by itself") {
  for (const auto version : versions)
    for (const bool client_first : {true, false}) {
      CAPTURE(name_of(version));
      CAPTURE(client_first);
      Pair pair = pair_of(version);
      REQUIRE(pair.shake());
      test::End& first = client_first ? pair.client : pair.server;
      test::End& second = client_first ? pair.server : pair.client;
      REQUIRE(first.write(bytes_of("question")) == Engine::Status::ok);
      REQUIRE(first.engine.close() == Engine::Status::ok);
      pair.deliver();
      CHECK_EQ(text_of(second.read_all()), "question");
      CHECK(second.status == Engine::Status::closed);
      REQUIRE(second.write(bytes_of("late answer")) == Engine::Status::ok);
      REQUIRE(second.engine.close() == Engine::Status::ok);
      pair.deliver();
      CHECK_EQ(text_of(first.read_all()), "late answer");
      CHECK(first.status == Engine::Status::closed);
    }
}

TEST_CASE("what comes after close_notify is not delivered") {
  for (const auto version : versions) {
    CAPTURE(name_of(version));
    Pair pair = pair_of(version);
    REQUIRE(pair.shake());
    REQUIRE(pair.client.write(bytes_of("before")) == Engine::Status::ok);
    REQUIRE(pair.client.engine.close() == Engine::Status::ok);
    const Bytes after = pattern(100);
    Bytes& wire = pair.client.engine.output();
    wire.insert(wire.end(), after.begin(), after.end());
    pair.deliver();
    CHECK_EQ(text_of(pair.server.read_all()), "before");
    CHECK(pair.server.status == Engine::Status::closed);
    CHECK(pair.server.read_all().empty());
    CHECK(pair.server.status == Engine::Status::closed);
    // nor is the end of the wire a truncation any more
    pair.server.engine.feed_end();
    CHECK(pair.server.read_all().empty());
    CHECK(pair.server.status == Engine::Status::closed);
  }
}

TEST_CASE("a wire that ends without close_notify is a truncation after its last whole record") {
  for (const auto version : versions) {
    CAPTURE(name_of(version));
    Bytes wire;
    {
      Pair pair = pair_of(version);
      REQUIRE(pair.shake());
      REQUIRE(pair.client.write(bytes_of("first")) == Engine::Status::ok);
      wire = pair.client.engine.output();
    }
    const std::size_t one_record = wire.size();
    for (const std::size_t cut :
         {std::size_t{0}, std::size_t{1}, std::size_t{4}, std::size_t{5}, std::size_t{6},
          one_record - 1, one_record, one_record + 1, 2 * one_record - 1}) {
      CAPTURE(cut);
      Pair pair = pair_of(version);
      REQUIRE(pair.shake());
      REQUIRE(pair.client.write(bytes_of("first")) == Engine::Status::ok);
      REQUIRE(pair.client.write(bytes_of("other")) == Engine::Status::ok);
      pair.deliver();
      REQUIRE_EQ(pair.server.inbox.size(), 2 * one_record);
      pair.server.inbox.resize(cut);
      CHECK_EQ(text_of(pair.server.read_all()), cut >= one_record ? "first" : "");
      CHECK(pair.server.status == Engine::Status::starved);
      pair.server.engine.feed_end();
      CHECK(pair.server.read_all().empty());
      CHECK(pair.server.status == Engine::Status::truncated);
      CHECK_EQ(pair.server.engine.failure().message(),
               "192.0.2.1:50000 ended the connection without close_notify: the data may have been "
               "cut short");
    }
  }
}

TEST_CASE("the end may be known together with the last bytes") {
  Pair pair = pair_of(Version::tls13);
  REQUIRE(pair.shake());
  REQUIRE(pair.client.write(bytes_of("last words")) == Engine::Status::ok);
  pair.deliver();
  pair.server.engine.feed_end();
  CHECK_EQ(text_of(pair.server.read_all()), "last words");
  CHECK(pair.server.status == Engine::Status::truncated);
}

TEST_CASE("a handshake that is cut anywhere is a truncation") {
  for (const auto version : versions) {
    CAPTURE(name_of(version));
    Bytes flight;
    {
      Pair pair = pair_of(version);
      pair.client.step(0);
      pair.deliver();
      pair.server.step(0);
      pair.server.step(100'000);
      flight = pair.server.engine.output();
    }
    REQUIRE_GT(flight.size(), 500);
    for (std::size_t cut = 0; cut < flight.size(); cut += cut < 12 ? 1 : 97) {
      CAPTURE(cut);
      Pair pair = pair_of(version);
      pair.client.step(0);
      pair.deliver();
      pair.server.step(0);
      pair.server.step(100'000);
      pair.deliver();
      if (cut >= pair.client.inbox.size()) continue;
      pair.client.inbox.resize(cut);
      if (cut > 0) pair.client.step(100'000);
      REQUIRE(pair.client.status == Engine::Status::starved);
      pair.client.engine.feed_end();
      CHECK(pair.client.engine.handshake() == Engine::Status::truncated);
      CHECK_EQ(pair.client.engine.failure().message(),
               cut == 0 ? "relay.example:443 closed the connection without a byte of the TLS "
                          "handshake; is the relay's TLS option on, its time not up, and this "
                          "machine's public address among those that it admits?"
                        : "relay.example:443 closed the connection in the middle of the TLS "
                          "handshake; it does not say why: look at the log there");
    }
  }
}

TEST_CASE("a handshake does not go on for ever") {
  // a change_cipher_spec may come at any time, and is ignored (RFC 8446 section 5)
  constexpr std::string_view ignored("\x14\x03\x03\x00\x01\x01", 6);
  Pair pair = pair_of(tls::Version::tls13);
  pair.client.step(0);
  pair.deliver();
  pair.server.step(0);
  pair.server.step(100'000);
  std::size_t sent = 0;
  while (pair.server.status == Engine::Status::starved && sent < 1'000'000) {
    for (int i = 0; i < 1000; ++i) {
      const Bytes record = test::bytes_of(ignored);
      pair.server.inbox.insert(pair.server.inbox.end(), record.begin(), record.end());
    }
    sent += pair.server.inbox.size();
    pair.server.step(100'000);
  }
  CHECK(pair.server.status == Engine::Status::failed);
  CHECK_GT(sent, 120 * 1024);
  CHECK_LT(sent, 140 * 1024);
  CHECK_EQ(pair.server.engine.failure().message(),
           "192.0.2.1:50000 sent more than 128 KiB in the TLS handshake, where a few KiB are "
           "normal; suspect an attack, or a broken program");
}

TEST_CASE("a server whose client goes away says so") {
  for (const auto version : versions) {
    CAPTURE(name_of(version));
    Pair silent = pair_of(version);
    silent.server.step(0);
    silent.server.engine.feed_end();
    CHECK(silent.server.engine.handshake() == Engine::Status::truncated);
    CHECK_EQ(silent.server.engine.failure().message(),
             "192.0.2.1:50000 closed the connection without a byte of the TLS handshake; a port "
             "scan or a health check does so, and a program that waits for the other end to speak "
             "first");

    Pair gone = pair_of(version);
    gone.client.step(0);
    gone.deliver();
    gone.server.step(0);
    gone.server.step(100'000);
    gone.server.engine.feed_end();
    CHECK(gone.server.engine.handshake() == Engine::Status::truncated);
    CHECK_EQ(gone.server.engine.failure().message(),
             "192.0.2.1:50000 closed the connection in the middle of the TLS handshake; it may not "
             "trust this certificate");
  }
}

TEST_CASE("a changed record is refused aloud, and what came before it is delivered") {
  for (const auto version : versions) {
    for (const std::size_t at : {std::size_t{5}, std::size_t{12}, std::size_t{0}}) {
      CAPTURE(name_of(version));
      CAPTURE(at);
      Pair pair = pair_of(version);
      REQUIRE(pair.shake());
      REQUIRE(pair.client.write(bytes_of("good")) == Engine::Status::ok);
      const std::size_t second = pair.client.engine.output().size();
      REQUIRE(pair.client.write(bytes_of("evil")) == Engine::Status::ok);
      Bytes& wire = pair.client.engine.output();
      // 0 stands for the last byte, a part of the tag
      wire[at == 0 ? wire.size() - 1 : second + at] ^= std::byte{1};
      pair.deliver();
      CHECK_EQ(text_of(pair.server.read_all()), "good");
      CHECK(pair.server.status == Engine::Status::failed);
      CHECK_EQ(pair.server.engine.failure().message(),
               "a record from 192.0.2.1:50000 was forged or damaged on the way");
      CHECK_FALSE(pair.server.engine.output().empty());
      pair.deliver();
      CHECK(pair.client.read_all().empty());
      CHECK(pair.client.status == Engine::Status::failed);
      CHECK_EQ(pair.client.engine.failure().message(),
               "relay.example:443 refused the connection: bad record");
    }
  }
}

TEST_CASE("what a server objects to after its own Finished, the client can read") {
  Pair pair = pair_of(tls::Version::tls13);
  pair.client.step(0);
  pair.deliver();
  pair.server.step(0);
  pair.server.step(100'000);
  pair.deliver();
  pair.client.step(100'000);
  REQUIRE(pair.client.shaken);
  pair.client.engine.output().back() ^= std::byte{1};  // of its Finished
  pair.deliver();
  pair.server.step(100'000);
  CHECK(pair.server.status == Engine::Status::failed);
  pair.deliver();
  CHECK(pair.client.read_all().empty());
  CHECK(pair.client.status == Engine::Status::failed);
  CHECK_EQ(pair.client.engine.failure().message(),
           "relay.example:443 refused the connection: bad record");
}

TEST_CASE("a record that is repeated or left out is refused") {
  for (const auto version : versions) {
    CAPTURE(name_of(version));
    for (const bool repeated : {true, false}) {
      CAPTURE(repeated);
      Pair pair = pair_of(version);
      REQUIRE(pair.shake());
      REQUIRE(pair.client.write(bytes_of("one")) == Engine::Status::ok);
      const Bytes one = std::exchange(pair.client.engine.output(), {});
      REQUIRE(pair.client.write(bytes_of("two")) == Engine::Status::ok);
      const Bytes other = pair.client.engine.output();
      pair.server.inbox = repeated ? one : Bytes{};
      pair.server.inbox.insert(pair.server.inbox.end(), (repeated ? one : other).begin(),
                               (repeated ? one : other).end());
      CHECK_EQ(text_of(pair.server.read_all()), repeated ? "one" : "");
      CHECK(pair.server.status == Engine::Status::failed);
    }
  }
}

TEST_CASE("plaintext injected into a running connection is refused") {
  for (const auto version : versions) {
    CAPTURE(name_of(version));
    Pair pair = pair_of(version);
    REQUIRE(pair.shake());
    // a close_notify that anybody on the way could write
    pair.server.inbox = bytes_of(std::string("\x15\x03\x03\x00\x02\x01\x00", 7));
    CHECK(pair.server.read_all().empty());
    CHECK(pair.server.status == Engine::Status::failed);
  }
}

TEST_CASE("data in the same flight as the end of the handshake is kept") {
  // in TLS 1.3 the client speaks last, in TLS 1.2 the server does
  for (const auto version : versions) {
    CAPTURE(name_of(version));
    Pair pair = pair_of(version);
    const bool client_last = version == Version::tls13;
    test::End& first = client_last ? pair.client : pair.server;
    test::End& last = client_last ? pair.server : pair.client;
    while (!first.shaken) {
      for (test::End* end : {&pair.client, &pair.server})
        if (!end->started || (!end->inbox.empty() && !end->shaken)) end->step(100'000);
      if (!first.shaken) pair.deliver();
    }
    REQUIRE_FALSE(last.shaken);
    const Bytes data = pattern(20'000);
    REQUIRE(first.write(data) == Engine::Status::ok);
    pair.deliver();
    {
      // gone when the handshake is over
      const auto piece = last.next(last.inbox.size());
      last.engine.feed({piece.get(), data.size()});
      REQUIRE(last.engine.handshake() == Engine::Status::ok);
      last.engine.keep_input();
      last.inbox.clear();
    }
    const Bytes got = last.read_all();
    CHECK_GT(got.size(), 16'000);
    CHECK(got == Bytes(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(got.size())));
    CHECK(last.status == Engine::Status::starved);
  }
}

TEST_CASE("records that come in pieces, several to a piece, come out whole") {
  Pair pair = pair_of(Version::tls13);
  REQUIRE(pair.shake());
  Bytes expected;
  for (int i = 0; i < 20; ++i) {
    const Bytes part = pattern(static_cast<std::size_t>(100 + i));
    expected.insert(expected.end(), part.begin(), part.end());
    REQUIRE(pair.client.write(part) == Engine::Status::ok);
  }
  pair.deliver();
  CHECK(pair.server.read_all(211) == expected);
}

TEST_CASE("output may be taken away between any two calls") {
  Pair pair = pair_of(Version::tls13);
  REQUIRE(pair.shake());
  for (const char* word : {"a", "b", "c"}) {
    REQUIRE(pair.client.write(bytes_of(word)) == Engine::Status::ok);
    const Bytes taken = std::exchange(pair.client.engine.output(), {});
    pair.server.inbox.insert(pair.server.inbox.end(), taken.begin(), taken.end());
  }
  CHECK_EQ(text_of(pair.server.read_all()), "abc");
}

TEST_CASE("an engine that dies in the middle of anything leaves nothing behind") {
  for (const auto version : versions)
    for (int steps = 0; steps < 5; ++steps) {
      Pair pair = pair_of(version);
      for (int i = 0; i < steps; ++i) {
        for (test::End* end : {&pair.client, &pair.server})
          if (!end->started || (!end->inbox.empty() && !end->shaken)) end->step(300);
        pair.deliver();
      }
      CHECK(pair.client.started == (steps > 0));
    }
}

}  // namespace
}  // namespace tunnel::tls
