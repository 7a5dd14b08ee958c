// Whom a client believes, and in which words it refuses the others.
#include <doctest/doctest.h>

#include <regex>

#include "support/chain.hpp"
#include "support/engine_pair.hpp"
#include "support/tls_context.hpp"
#include "x509/certificates.hpp"
#include "x509/pin.hpp"

namespace tunnel::tls {
namespace {

using test::Certificate;
using test::make_certificate;
using test::Pair;
using test::Wish;

const Certificate& authority() {
  static const Certificate ca =
      make_certificate({.subject = "CN=Good Authority", .authority = true});
  return ca;
}

const std::vector<unsigned char> ipv4 = {192, 0, 2, 7};
const std::vector<unsigned char> ipv6 = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,
                                         0,    0,    0,    0,    0, 0, 0, 7};

std::string pin_of(const Certificate& certificate) {
  x509::Certificates parsed;
  test::require_zero(
      mbedtls_x509_crt_parse(&parsed.chain,
                             reinterpret_cast<const unsigned char*>(certificate.pem.c_str()),
                             certificate.pem.size() + 1),
      "parsing");
  return x509::pin_text(x509::key_digest(parsed.chain).value());
}

// The words, whenever they are said.
std::string at_any_time(const std::string& words) {
  static const std::regex of_now("clock here says [^;]*|, [^,;]* ago");
  return std::regex_replace(words, of_now, "...");
}

// What the client says of a server with this chain; nothing where it believes it. Both versions
// must agree.
std::string verdict(const Certificate& leaf, const x509::ServerName& name,
                    const std::string& trusted, const std::string& chain = {}) {
  std::string both[2];
  for (const auto version : {Version::tls12, Version::tls13}) {
    test::ContextWish client{.min = version, .max = version};
    client.ca = trusted;
    test::ContextWish server;
    server.cert = chain;
    Pair pair(test::client_context(client), test::server_context(leaf, server), name);
    std::string& words = both[version == Version::tls13];
    if (pair.shake()) continue;
    CHECK(pair.client.status == Engine::Status::failed);
    words = test::without_pin(pair.client.engine.failure().message());
    // whoever is refused hears of it
    pair.deliver();
    if (!pair.server.inbox.empty()) pair.server.step(100'000);
    CHECK(pair.server.status != Engine::Status::starved);
  }
  CHECK_EQ(at_any_time(both[0]), at_any_time(both[1]));
  return both[1];
}

std::string verdict(const Certificate& leaf,
                    const x509::ServerName& name = {"relay.example", false}) {
  return verdict(leaf, name, authority().pem);
}

TEST_CASE("a name is believed where the certificate has it") {
  const Certificate leaf =
      make_certificate({.names = {"relay.example", "*.wild.example"}}, &authority());
  CHECK_EQ(verdict(leaf, {"relay.example", false}), "");
  CHECK_EQ(verdict(leaf, {"RELAY.example", false}), "");
  CHECK_EQ(verdict(leaf, {"a.wild.example", false}), "");
  for (const std::string other : {"other.example", "a.relay.example", "wild.example",
                                  "a.b.wild.example", "relay.exampl", "relay.example.org"}) {
    CAPTURE(other);
    CHECK_EQ(verdict(leaf, {other, false}),
             "the certificate is for relay.example and *.wild.example, not for " + other +
                 "; if that is the far side, write server_name = \"relay.example\"");
  }
}

TEST_CASE("an address is believed where the certificate has it as an address") {
  const Certificate leaf =
      make_certificate({.names = {"relay.example"}, .addresses = {ipv4, ipv6}}, &authority());
  CHECK_EQ(verdict(leaf, {"192.0.2.7", true}), "");
  CHECK_EQ(verdict(leaf, {"2001:db8::7", true}), "");
  CHECK_EQ(verdict(leaf, {"2001:0DB8:0:0::0007", true}), "");
  CHECK_EQ(verdict(leaf, {"192.0.2.8", true}),
           "the certificate is for relay.example, 192.0.2.7 and "
           "2001:db8::7, not for 192.0.2.8; if that is the far side, write server_name = "
           "\"relay.example\"");
  CHECK_NE(verdict(leaf, {"2001:db8::8", true}), "");
  CHECK_EQ(
      verdict(make_certificate({.names = {"relay.example"}}, &authority()), {"192.0.2.7", true}),
      "the certificate is for relay.example, not for 192.0.2.7; if that is the far side, write "
      "server_name = \"relay.example\"");
}

TEST_CASE("a link-local address is believed without its zone, which is of this machine only") {
  const std::vector<unsigned char> link_local = {0xfe, 0x80, 0, 0, 0, 0, 0, 0,
                                                 0,    0,    0, 0, 0, 0, 0, 7};
  const Certificate leaf = make_certificate({.addresses = {link_local}}, &authority());
  CHECK_EQ(verdict(leaf, {"fe80::7", true}), "");
  CHECK_EQ(verdict(leaf, {"fe80::7%eth0", true}), "");
}

TEST_CASE("an address is not believed where the certificate has it as a name or a pattern") {
  // RFC 9525 section 6.5: only iPAddress counts
  CHECK_NE(verdict(make_certificate({.names = {"192.0.2.7"}}, &authority()), {"192.0.2.7", true}),
           "");
  CHECK_NE(verdict(make_certificate({.names = {"*.0.2.7"}}, &authority()), {"192.0.2.7", true}),
           "");
  CHECK_NE(
      verdict(make_certificate({.subject = "CN=192.0.2.7"}, &authority()), {"192.0.2.7", true}),
      "");
}

TEST_CASE("a name is not believed because an address has its bytes") {
  // "relay.example.ab" is as long as an IPv6 address
  const std::string name = "relay.example.ab";
  const std::vector<unsigned char> bytes(name.begin(), name.end());
  CHECK_NE(verdict(make_certificate({.addresses = {bytes}}, &authority()), {name, false}), "");
}

TEST_CASE("an issuer that nobody named is refused by its name") {
  const Certificate stranger =
      make_certificate({.subject = "CN=Stranger,O=Somewhere", .authority = true});
  const Certificate leaf = make_certificate({.names = {"relay.example"}}, &stranger);
  const std::string words =
      "the certificate of relay.example:443 was issued by \"CN=Stranger, O=Somewhere\", which is "
      "not trusted here; name the issuer's certificate with ca = \"...\"";
  CHECK_EQ(verdict(leaf), words + "; if it is, the server lacks its intermediate certificates");
  // a server may send the root too; that does not make its own certificate self-signed
  CHECK_EQ(verdict(leaf, {"relay.example", false}, authority().pem, stranger.pem), words);
}

TEST_CASE("an authority of the same name with another key is refused") {
  const Certificate impostor =
      make_certificate({.subject = "CN=Good Authority", .authority = true});
  CHECK_NE(verdict(make_certificate({.names = {"relay.example"}}, &impostor)), "");
}

TEST_CASE("a leaf that an authority has issued may be named itself") {
  const Certificate leaf = make_certificate({.names = {"relay.example"}}, &authority());
  const Certificate other = make_certificate({.names = {"relay.example"}}, &authority());
  CHECK_EQ(verdict(leaf, {"relay.example", false}, leaf.pem), "");
  CHECK_EQ(verdict(leaf, {"relay.example", false}, other.pem + leaf.pem), "");
  // with its chain, which leads to nobody known here
  CHECK_EQ(verdict(leaf, {"relay.example", false}, leaf.pem, authority().pem), "");
  // it vouches for itself alone, and is held to its name and its time
  CHECK_NE(verdict(leaf, {"relay.example", false}, other.pem), "");
  CHECK_NE(verdict(leaf, {"other.example", false}, leaf.pem), "");
  const Certificate old = make_certificate(
      {.names = {"relay.example"}, .from = "19990101000000", .until = "20000101000000"},
      &authority());
  CHECK_NE(verdict(old, {"relay.example", false}, old.pem), "");
}

TEST_CASE("a self-signed certificate is refused unless it is named itself") {
  const Certificate own = make_certificate({.names = {"relay.example"}});
  CHECK_EQ(verdict(own),
           "the certificate of relay.example:443 is self-signed and not among the trusted ones; if "
           "it is the right one, trust exactly it: pin = \"" +
               pin_of(own) + "\" in place of ca");
  CHECK_EQ(verdict(own, {"relay.example", false}, own.pem), "");
  CHECK_EQ(verdict(own, {"relay.example", false}, authority().pem + own.pem), "");
  CHECK_NE(verdict(own, {"other.example", false}, own.pem), "");
}

TEST_CASE("an intermediate links the leaf to the authority where the server sends it") {
  const Certificate middle =
      make_certificate({.subject = "CN=Middle", .authority = true}, &authority());
  const Certificate leaf = make_certificate({.names = {"relay.example"}}, &middle);
  CHECK_EQ(verdict(leaf, {"relay.example", false}, authority().pem, middle.pem), "");
  CHECK_EQ(verdict(leaf),
           "the certificate of relay.example:443 was issued by \"CN=Middle\", which is not trusted "
           "here; name the issuer's certificate with ca = \"...\"; if it is, the server lacks its "
           "intermediate certificates");
}

TEST_CASE("a leaf cannot issue") {
  const Certificate leaf =
      make_certificate({.subject = "CN=evil.example", .names = {"evil.example"}}, &authority());
  const Certificate forged = make_certificate({.names = {"relay.example"}}, &leaf);
  CHECK_NE(verdict(forged, {"relay.example", false}, authority().pem, leaf.pem), "");
}

TEST_CASE("certificates out of their time are refused with the date") {
  const std::string expired = verdict(
      make_certificate({.names = {"relay.example"}, .until = "20240131120000"}, &authority()));
  CHECK(expired.starts_with(
      "the certificate of relay.example:443 expired on 2024-01-31 12:00:00 UTC, "));
  CHECK(expired.ends_with(" ago; its owner must renew it; check the clock here too"));
  const std::string early = verdict(
      make_certificate({.names = {"relay.example"}, .from = "20900101000000"}, &authority()));
  CHECK(early.starts_with(
      "the certificate of relay.example:443 is valid only from 2090-01-01 00:00:00 UTC, and the "
      "clock here says "));
  const Certificate old = make_certificate(
      {.subject = "CN=Old Authority", .authority = true, .until = "20240131120000"});
  CHECK_NE(verdict(make_certificate({.names = {"relay.example"}}, &old), {"relay.example", false},
                   old.pem),
           "");
}

TEST_CASE("a certificate for servers makes a server") {
  CHECK_EQ(verdict(make_certificate({.names = {"relay.example"}, .usage = Wish::Usage::servers},
                                    &authority())),
           "");
}

TEST_CASE("a signature by SHA-1 is too weak") {
  CHECK_EQ(
      verdict(
          make_certificate({.names = {"relay.example"}, .digest = MBEDTLS_MD_SHA1}, &authority())),
      "the certificate of relay.example:443 is signed with SHA-1, which is too weak; it must be "
      "signed with SHA-256 or better");
}

TEST_CASE("names in a certificate cannot write into the terminal") {
  const std::string words = verdict(
      make_certificate({.subject = "CN=x", .names = {"a\x1b[31m\n.example"}}, &authority()));
  CHECK_EQ(words,
           "the certificate is for a\\x1b[31m\\n.example, not for relay.example; its owner must "
           "remake it: none of its names is one that counts");
}

TEST_CASE("nobody is checked where verification is off") {
  const Certificate worst =
      make_certificate({.names = {"other.example"}, .until = "20240131120000"});
  for (const x509::ServerName& name :
       {x509::ServerName{"relay.example", false}, x509::ServerName{"192.0.2.7", true}})
    for (const auto version : {Version::tls12, Version::tls13}) {
      Pair pair(test::client_context({.min = version, .max = version}), test::server_context(worst),
                name);
      CHECK(pair.shake());
    }
}

TEST_CASE("a verifying client without a name to check does not begin") {
  test::ContextWish wish;
  wish.ca = authority().pem;
  Engine engine(test::client_context(wish), "relay.example:443", {});
  CHECK(engine.handshake() == Engine::Status::failed);
  CHECK(engine.output().empty());
}

TEST_CASE("a server hears why it was refused") {
  const Certificate stranger = make_certificate({.subject = "CN=Stranger", .authority = true});
  const Certificate leaf = make_certificate({.names = {"relay.example"}}, &stranger);
  for (const auto version : {Version::tls12, Version::tls13}) {
    test::ContextWish wish{.min = version, .max = version};
    wish.ca = authority().pem;
    Pair pair(test::client_context(wish), test::server_context(leaf));
    CHECK_FALSE(pair.shake());
    CHECK(pair.server.status == Engine::Status::failed);
    CHECK_EQ(pair.server.engine.failure().message(),
             "192.0.2.1:50000 refused the handshake: unknown authority; name this certificate's "
             "issuer as trusted there");
  }
}

TEST_CASE("a server does not get one byte before it is verified") {
  const Certificate own = make_certificate({.names = {"relay.example"}});
  for (const auto version : {Version::tls12, Version::tls13}) {
    test::ContextWish wish{.min = version, .max = version};
    wish.ca = authority().pem;
    Pair pair(test::client_context(wish), test::server_context(own));
    CHECK_FALSE(pair.shake());
    CHECK_FALSE(pair.client.shaken);
    CHECK_FALSE(pair.server.shaken);
  }
}

}  // namespace
}  // namespace tunnel::tls
