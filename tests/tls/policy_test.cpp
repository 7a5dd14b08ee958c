// What a client offers and a server takes: versions, suites, groups, names.
#include <doctest/doctest.h>

#include "support/client_hello.hpp"
#include "support/engine_pair.hpp"
#include "support/tls_context.hpp"

namespace tunnel::tls {
namespace {

using test::bytes_of;
using test::ClientHello;
using test::Pair;

const test::Certificate& own_certificate() {
  static const test::Certificate certificate = test::make_certificate({.names = {"relay.example"}});
  return certificate;
}

test::ContextWish trusting(Version min, Version max) {
  test::ContextWish wish{.min = min, .max = max};
  wish.ca = own_certificate().pem;
  return wish;
}

ClientHello hello_of(x509::ServerName name, Version min = Version::tls12,
                     Version max = Version::tls13) {
  Engine engine(test::client_context(trusting(min, max)), "peer", std::move(name));
  REQUIRE(engine.handshake() == Engine::Status::starved);
  return test::parse_client_hello(engine.output());
}

const x509::ServerName relay{"relay.example", false};
using Numbers = std::vector<std::uint16_t>;

// Not a suite: says that renegotiation, if any, would be secure (RFC 5746 section 3.3).
constexpr std::uint16_t renegotiation_signal = 0x00ff;

TEST_CASE("a client offers exactly the suites with AEAD and forward secrecy, AES-256-GCM first") {
  const Numbers tls13 = {0x1302, 0x1301, 0x1303};
  const Numbers tls12 = {0xc02c, 0xc030, 0xc02b, 0xc02f, 0xcca9, 0xcca8};
  Numbers both = tls13;
  both.insert(both.end(), tls12.begin(), tls12.end());
  const auto offered = [](Version min, Version max) {
    Numbers suites = hello_of(relay, min, max).suites;
    std::erase(suites, renegotiation_signal);
    return suites;
  };
  CHECK(offered(Version::tls12, Version::tls13) == both);
  CHECK(offered(Version::tls13, Version::tls13) == tls13);
  CHECK(offered(Version::tls12, Version::tls12) == tls12);
}

TEST_CASE("a client offers the groups X25519, P-256 and P-384") {
  const Numbers groups = {0x001d, 0x0017, 0x0018};
  CHECK(hello_of(relay).list(10, 2) == groups);
  CHECK(hello_of(relay, Version::tls13).list(10, 2) == groups);
}

TEST_CASE("a client offers the versions that its service allows") {
  CHECK(hello_of(relay).list(43, 1) == Numbers{0x0304, 0x0303});
  CHECK(hello_of(relay, Version::tls13).list(43, 1) == Numbers{0x0304});
  CHECK_FALSE(hello_of(relay, Version::tls12, Version::tls12).extensions.contains(43));
}

TEST_CASE("a client offers no SHA-1 signature, no resumption and no early data") {
  const ClientHello hello = hello_of(relay);
  for (const std::uint16_t scheme : hello.list(13, 2)) {
    CAPTURE(scheme);
    CHECK_NE(scheme >> 8, 2);
    CHECK_NE(scheme >> 8, 1);
  }
  for (const std::uint16_t extension : Numbers{35, 41, 42, 16, 15}) {
    CAPTURE(extension);
    CHECK_FALSE(hello.extensions.contains(extension));
  }
}

TEST_CASE("a client sends the name that it asks for, and never an address") {
  CHECK_EQ(hello_of({"relay.example", false}).server_name(), "relay.example");
  CHECK_FALSE(hello_of({"192.0.2.1", true}).extensions.contains(0));
  CHECK_FALSE(hello_of({"2001:db8::1", true}).extensions.contains(0));
  for (const auto version : {Version::tls12, Version::tls13}) {
    Engine engine(test::client_context(trusting(version, version)), "peer", {"192.0.2.1", true});
    REQUIRE(engine.handshake() == Engine::Status::starved);
    CHECK_EQ(test::text_of(engine.output()).find("192.0.2.1"), std::string::npos);
  }
}

TEST_CASE("two ends speak the newest version that both allow") {
  struct Row {
    Version client_min, client_max, server_min, server_max;
    std::string version;
  };
  constexpr auto v2 = Version::tls12;
  constexpr auto v3 = Version::tls13;
  for (const Row& row : {Row{v2, v3, v2, v3, "TLS 1.3"}, Row{v2, v2, v2, v3, "TLS 1.2"},
                         Row{v2, v3, v2, v2, "TLS 1.2"}, Row{v3, v3, v2, v3, "TLS 1.3"},
                         Row{v2, v3, v3, v3, "TLS 1.3"}}) {
    CAPTURE(row.version);
    Pair pair(
        test::client_context(trusting(row.client_min, row.client_max)),
        test::server_context(own_certificate(), {.min = row.server_min, .max = row.server_max}));
    REQUIRE(pair.shake());
    for (const test::End* end : {&pair.client, &pair.server}) {
      CHECK_EQ(end->engine.version(), row.version);
      CHECK_EQ(end->engine.suite(), row.version == "TLS 1.3"
                                        ? "TLS_AES_256_GCM_SHA384"
                                        : "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
      CHECK_EQ(end->engine.group(), "X25519");
      CHECK_EQ(cipher_of(end->engine.suite()), "AES-256-GCM");
    }
  }
}

TEST_CASE("two ends without a version in common both say so") {
  const auto fail = [](Version client, Version server) {
    Pair pair(test::client_context(trusting(client, client)),
              test::server_context(own_certificate(), {.min = server, .max = server}));
    CHECK_FALSE(pair.shake());
    CHECK(pair.server.status == Engine::Status::failed);
    CHECK(pair.client.status == Engine::Status::failed);
    return std::pair(pair.server.engine.failure().message(),
                     pair.client.engine.failure().message());
  };
  const auto [new_server, old_client] = fail(Version::tls12, Version::tls13);
  CHECK_EQ(
      new_server,
      "192.0.2.1:50000 speaks TLS 1.2, and this end TLS 1.3 only; remove min_version, or renew "
      "the other end");
  CHECK_EQ(old_client,
           "relay.example:443 refused the handshake: protocol version not supported; it may not "
           "speak TLS 1.2: remove max_version");
  // mbedTLS as a server of TLS 1.2 looks at the suites alone
  const auto [old_server, new_client] = fail(Version::tls13, Version::tls12);
  CHECK(old_server.starts_with("192.0.2.1:50000 and this end have no "));
  CHECK_EQ(new_client,
           "relay.example:443 refused the handshake: handshake failure; turn on AEAD suites "
           "(AES-GCM, ChaCha20-Poly1305) with ECDHE over X25519, P-256 or P-384 there; this end "
           "speaks no others; or it does not speak TLS 1.3: remove min_version");
}

TEST_CASE("RSA certificates serve in both versions") {
  static const test::Certificate rsa =
      test::make_certificate({.names = {"relay.example"}, .kind = test::Key::Kind::rsa2048});
  for (const auto version : {Version::tls12, Version::tls13}) {
    test::ContextWish wish{.min = version, .max = version};
    wish.ca = rsa.pem;
    Pair pair(test::client_context(wish), test::server_context(rsa));
    REQUIRE(pair.shake());
    if (version == Version::tls12)
      CHECK_EQ(pair.client.engine.suite(), "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
  }
}

TEST_CASE("P-384 certificates serve in both versions") {
  static const test::Certificate p384 =
      test::make_certificate({.names = {"relay.example"}, .kind = test::Key::Kind::p384});
  for (const auto version : {Version::tls12, Version::tls13}) {
    test::ContextWish wish{.min = version, .max = version};
    wish.ca = p384.pem;
    Pair pair(test::client_context(wish), test::server_context(p384));
    CHECK(pair.shake());
  }
}

// A ClientHello whose suites have been changed, all to `suites` in turn.
Bytes hello_with(Version version, const Numbers& suites) {
  Engine engine(test::client_context(trusting(version, version)), "peer", relay);
  REQUIRE(engine.handshake() == Engine::Status::starved);
  Bytes record = engine.output();
  const ClientHello hello = test::parse_client_hello(record);
  for (std::size_t i = 0; i < hello.suites.size(); ++i) {
    const std::uint16_t suite = suites[i % suites.size()];
    record[hello.suites_at + 2 * i] = static_cast<std::byte>(suite >> 8);
    record[hello.suites_at + 2 * i + 1] = static_cast<std::byte>(suite & 0xff);
  }
  return record;
}

TEST_CASE("a server refuses CBC, static RSA and all else that is not on its list") {
  struct Row {
    Version version;
    std::uint16_t suite;
  };
  for (const Row& row :
       {Row{Version::tls12, 0x002f}, Row{Version::tls12, 0x009d}, Row{Version::tls12, 0xc013},
        Row{Version::tls12, 0xc024}, Row{Version::tls12, 0x009f}, Row{Version::tls12, 0x000a},
        Row{Version::tls12, 0x1302}, Row{Version::tls13, 0x1304}, Row{Version::tls13, 0xc02c}}) {
    CAPTURE(row.suite);
    const Bytes hello = hello_with(row.version, {row.suite});
    Engine server(test::server_context(own_certificate(), {}), "192.0.2.1:50000");
    REQUIRE(server.handshake() == Engine::Status::starved);
    server.feed(hello);
    CHECK(server.handshake() == Engine::Status::failed);
    CHECK_EQ(server.failure().message(),
             "192.0.2.1:50000 and this end have no suite, group or signature in common; turn on "
             "AEAD suites (AES-GCM, ChaCha20-Poly1305) with ECDHE over X25519, P-256 or P-384 "
             "there; this end speaks no others; or give this end a certificate of another kind "
             "(P-256, or RSA of 2048 bits)");
    // handshake_failure, fatal
    CHECK_EQ(test::text_of(server.output()), std::string("\x15\x03\x03\x00\x02\x02\x28", 7));
  }
}

TEST_CASE("a server of TLS 1.2 goes by its own order of suites, one of TLS 1.3 by the client's") {
  struct Row {
    Version version;
    Numbers offered;
    std::uint16_t chosen;
  };
  // mbedTLS takes the first suite of a TLS 1.3 client that it knows, and has no setting for it
  for (const Row& row : {Row{Version::tls13, {0x1303, 0x1301, 0x1302}, 0x1303},
                         Row{Version::tls13, {0x1304, 0x1301, 0x1302}, 0x1301},
                         Row{Version::tls12, {0xcca9, 0xc02b, 0xc02c}, 0xc02c},
                         Row{Version::tls12, {0xcca9, 0x002f, 0xc02b}, 0xc02b}}) {
    const Bytes hello = hello_with(row.version, row.offered);
    Engine server(test::server_context(own_certificate(), {}), "192.0.2.1:50000");
    REQUIRE(server.handshake() == Engine::Status::starved);
    server.feed(hello);
    REQUIRE(server.handshake() == Engine::Status::starved);
    // record header, message header, version, random, then a session id with its length before it
    const Bytes& answer = server.output();
    REQUIRE_GT(answer.size(), 50);
    const std::size_t suite_at = 5 + 4 + 2 + 32 + 1 + static_cast<std::size_t>(answer[43]);
    CHECK_EQ(
        static_cast<unsigned>(answer[suite_at]) << 8 | static_cast<unsigned>(answer[suite_at + 1]),
        row.chosen);
  }
}

TEST_CASE("ciphers are named for people") {
  CHECK_EQ(cipher_of("TLS_AES_256_GCM_SHA384"), "AES-256-GCM");
  CHECK_EQ(cipher_of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), "AES-128-GCM");
  CHECK_EQ(cipher_of("TLS_CHACHA20_POLY1305_SHA256"), "ChaCha20-Poly1305");
  CHECK_EQ(cipher_of("TLS_NEW"), "TLS_NEW");
}

TEST_CASE("the library is named with its version") {
  CHECK_EQ(library_version().substr(0, 8), "mbedTLS ");
  CHECK_EQ(library_version().find_first_not_of("0123456789.", 8), std::string::npos);
  CHECK_GT(library_version().size(), 10);
}

}  // namespace
}  // namespace tunnel::tls
