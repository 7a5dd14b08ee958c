// Our records against mbedTLS's own, after a true handshake: every suite, in both directions.
#include <doctest/doctest.h>
#include <mbedtls/ssl.h>

#include <array>
#include <string>

#include "support/engine_pair.hpp"
#include "support/tls_context.hpp"
#include "tls/record/aead/aead.hpp"

namespace tunnel::tls {
namespace {

using test::Bytes;
using test::bytes_of;
using test::Pair;
using test::pattern;
using test::Status;

struct Named {
  int number;
  const char* name;
};
constexpr Named suites[] = {
    {0x1301, "TLS_AES_128_GCM_SHA256"},
    {0x1302, "TLS_AES_256_GCM_SHA384"},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
    {0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
};

Tuning tuning(bool own, const AeadBackend* backend) {
  Tuning out;
  out.own_records = own;
  out.records.backend = backend;
  return out;
}

// A client that offers one suite only, which must outlive it.
std::shared_ptr<const Context> client_of(test::ContextWish wish, const std::array<int, 2>& only) {
  auto context = test::client_context(wish);
  // nobody else has it yet
  mbedtls_ssl_conf_ciphersuites(const_cast<mbedtls_ssl_config*>(context->config()), only.data());
  return context;
}

template <typename Check>
void for_each_pairing(Check check) {
  static const test::Certificate relay = test::make_certificate({.names = {"relay.example"}});
  for (const Named& suite : suites)
    for (const bool client_owns : {true, false})
      for (const AeadBackend* backend : aead_backends()) {
        const std::string name = suite.name;
        CAPTURE(name);
        CAPTURE(client_owns);
        const std::string library(backend->name());
        CAPTURE(library);
        const std::array<int, 2> only = {suite.number, 0};
        const auto version = suite.number < 0x1400 ? Version::tls13 : Version::tls12;
        const test::ContextWish wish{.ca = relay.pem,
                                     .min = version,
                                     .max = version,
                                     .tuning = tuning(client_owns, backend)};
        const auto client = client_of(wish, only);
        const auto server = test::server_context(relay, {.tuning = tuning(!client_owns, backend)});
        Pair pair(client, server);
        REQUIRE(pair.shake());
        REQUIRE_EQ(pair.client.engine.suite(), name);
        check(pair);
      }
}

TEST_CASE("mbedTLS reads what is sealed here and the other way, in every suite") {
  for_each_pairing([](Pair& pair) {
    for (const std::size_t size : {1U, 100U, 16'384U, 100'000U}) {
      const Bytes data = pattern(size);
      REQUIRE(pair.client.write(data) == Status::ok);
      REQUIRE(pair.server.write(data) == Status::ok);
      pair.deliver();
      CHECK(pair.server.read_all(997) == data);
      CHECK(pair.client.read_all(100'000) == data);
    }
    REQUIRE(pair.client.engine.close() == Status::ok);
    pair.deliver();
    CHECK(pair.server.read_all().empty());
    CHECK(pair.server.status == Status::closed);
    REQUIRE(pair.server.write(bytes_of("late")) == Status::ok);
    REQUIRE(pair.server.engine.close() == Status::ok);
    pair.deliver();
    CHECK(pair.client.read_all() == bytes_of("late"));
    CHECK(pair.client.status == Status::closed);
  });
}

TEST_CASE("each understands why the other has refused a record") {
  for (const bool from_client : {true, false})
    for_each_pairing([&](Pair& pair) {
      test::End& from = from_client ? pair.client : pair.server;
      test::End& to = from_client ? pair.server : pair.client;
      REQUIRE(from.write(bytes_of("evil")) == Status::ok);
      from.engine.output().back() ^= std::byte{1};
      pair.deliver();
      CHECK(to.read_all().empty());
      CHECK(to.status == Status::failed);
      pair.deliver();
      CHECK(from.read_all().empty());
      CHECK(from.status == Status::failed);
      CHECK(from.engine.failure().message().ends_with(" refused the connection: bad record"));
    });
}

}  // namespace
}  // namespace tunnel::tls
