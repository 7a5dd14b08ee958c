// Each failed handshake has its cause, at both ends.
#include "tls/failure_cause.hpp"

#include <doctest/doctest.h>
#include <mbedtls/ssl.h>

#include "support/engine_pair.hpp"
#include "support/tls_context.hpp"
#include "tls/ssl_compat.hpp"
#include "tls/tls_error.hpp"
#include "x509/peer_certificate.hpp"

namespace tunnel::tls {
namespace {

using test::Pair;

const test::Certificate& authority() {
  static const test::Certificate ca = test::make_certificate({.authority = true});
  return ca;
}

std::shared_ptr<const Context> client(test::ContextWish wish = {}) {
  if (wish.ca.empty()) wish.ca = authority().pem;
  return test::client_context(wish);
}

std::shared_ptr<const Context> server(const test::ContextWish& wish = {}) {
  return test::server_context(test::make_certificate({.names = {"relay.example"}}, &authority()),
                              wish);
}

TEST_CASE("a refused certificate is told from the alert that says so") {
  for (const auto version : {Version::tls12, Version::tls13}) {
    Pair pair(client({.min = version, .max = version}), server(), {"other.example", false});
    REQUIRE_FALSE(pair.shake());
    CHECK_EQ(name_of(pair.client.engine.cause()), "certificate");
    CHECK_EQ(name_of(pair.server.engine.cause()), "alert");
  }
}

TEST_CASE("versions that do not meet are unsupported") {
  Pair pair(client({.min = Version::tls13}), server({.max = Version::tls12}));
  REQUIRE_FALSE(pair.shake());
  CHECK_EQ(name_of(pair.server.engine.cause()), "unsupported");
  CHECK_EQ(name_of(pair.client.engine.cause()), "alert");
}

TEST_CASE("a peer that does not speak TLS, and one that leaves") {
  const auto cause_for = [](std::string_view bytes) {
    Pair pair(client(), server());
    pair.server.step(0);
    pair.server.inbox = test::bytes_of(bytes);
    pair.server.step(100'000);
    if (pair.server.status == Engine::Status::starved) {
      pair.server.engine.feed_end();
      CHECK(pair.server.engine.handshake() == Engine::Status::truncated);
    }
    return name_of(pair.server.engine.cause());
  };
  CHECK_EQ(cause_for("GET / HTTP/1.1\r\n\r\n"), "not_tls");
  CHECK_EQ(cause_for(""), "closed");
  CHECK_EQ(cause_for({"\x16\x03\x01\x02\x00\x01", 6}), "closed");
  CHECK_EQ(cause_for({"\x16\x03\x03\x00\x05\x02\x00\x00\x01\x00", 10}), "protocol");
}

TEST_CASE("codes of the library") {
  const auto cause = [](int code) {
    Failure failure;
    failure.code = code;
    return name_of(cause_of(failure));
  };
  CHECK_EQ(cause(out_of_memory), "internal");
  CHECK_EQ(cause(MBEDTLS_ERR_X509_FATAL_ERROR), "certificate");
  CHECK_EQ(cause(MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG), "certificate");
  CHECK_EQ(cause(MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE), "certificate");
  CHECK_EQ(cause(MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE), "unsupported");
  CHECK_EQ(cause(MBEDTLS_ERR_SSL_DECODE_ERROR), "protocol");
}

TEST_CASE("a certificate is known where nothing is verified") {
  test::ContextWish nobody;
  Pair pair(test::client_context(nobody), server());
  REQUIRE(pair.shake());
  const auto certificate = pair.client.engine.take_certificate();
  REQUIRE(certificate != nullptr);
  CHECK_EQ(certificate->name, "relay.example");
  CHECK_GT(certificate->expires.time_since_epoch().count(), 0);
  CHECK_EQ(pair.server.engine.take_certificate(), nullptr);
}

}  // namespace
}  // namespace tunnel::tls
