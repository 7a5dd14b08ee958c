// The key-exchange group is read along in real handshakes, in pieces of any size.
#include "tls/client_hello.hpp"

#include <doctest/doctest.h>

#include "support/engine_pair.hpp"
#include "support/tls_context.hpp"

namespace tunnel::tls {
namespace {

TEST_CASE("both ends know the group, whatever the version and the pieces") {
  const test::Certificate ca = test::make_certificate({.authority = true});
  const test::Certificate relay = test::make_certificate({.names = {"relay.example"}}, &ca);
  for (const auto version : {Version::tls12, Version::tls13}) {
    test::ContextWish wish{.min = version, .max = version};
    wish.ca = ca.pem;
    const auto client = test::make_context(true, wish);
    wish = {.cert = relay.pem, .key = relay.key->pem(), .min = version, .max = version};
    const auto server = test::make_context(false, wish);
    for (const std::size_t chunk : {1UL, 7UL, 100'000UL}) {
      CAPTURE(chunk);
      test::Pair pair(client, server);
      REQUIRE(pair.shake(chunk));
      CHECK_EQ(pair.client.engine.group(), "X25519");
      CHECK_EQ(pair.server.engine.group(), "X25519");
    }
  }
}

TEST_CASE("a hello that says nothing of use names no group") {
  const auto group_of = [](std::string_view bytes) {
    ServerReader reader;
    reader.look(test::bytes_of(bytes));
    return reader.group();
  };
  CHECK_EQ(group_of({}), "");
  CHECK_EQ(group_of("SSH-2.0-OpenSSH_9.2\r\n"), "");
  // a ServerHello that is shorter than its fields claim
  CHECK_EQ(group_of({"\x16\x03\x03\x00\x08\x02\x00\x00\x04\x03\x03\xff\xff", 13}), "");
  // a ServerKeyExchange with a named curve, and with a number that stands for none of ours
  CHECK_EQ(group_of({"\x16\x03\x03\x00\x07\x0c\x00\x00\x03\x03\x00\x17", 12}), "P-256");
  CHECK_EQ(group_of({"\x16\x03\x03\x00\x07\x0c\x00\x00\x03\x03\x00\x19", 12}), "");
  CHECK_EQ(group_of({"\x16\x03\x03\x00\x07\x0c\x00\x00\x03\x01\x00\x17", 12}), "");
}

}  // namespace
}  // namespace tunnel::tls
