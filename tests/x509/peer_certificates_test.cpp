// What a client's engine can tell of a server's certificates, be they refused.
#include <doctest/doctest.h>

#include "support/engine_pair.hpp"
#include "support/tls_context.hpp"

namespace tunnel::x509 {
namespace {

using test::Certificate;
using test::make_certificate;
using test::make_context;
using test::Wish;
using tls::Context;

struct Chain {
  Certificate root = make_certificate({.subject = "CN=Test Root", .authority = true});
  Certificate leaf = make_certificate(
      {.subject = "CN=leaf,O=Test", .names = {"relay.example"}, .until = "20300102030405"}, &root);
};

std::shared_ptr<const Context> server_with(const Certificate& leaf) {
  return make_context(false, {.cert = leaf.pem, .key = leaf.key->pem()});
}

PeerCertificates shown_to(const std::string& ca, const Certificate& leaf, const std::string& name,
                          bool accepted) {
  test::Pair pair(make_context(true, {.ca = ca}), server_with(leaf), {name, false});
  pair.client.engine.keep_certificates();
  CHECK_EQ(pair.shake(7), accepted);
  return pair.client.engine.peer_certificates();
}

TEST_CASE("the path is told from the leaf up to the authority") {
  const Chain chain;
  const PeerCertificates shown = shown_to(chain.root.pem, chain.leaf, "relay.example", true);
  CHECK_FALSE(shown.chain.has_value());
  CHECK_FALSE(shown.name.has_value());
  REQUIRE_EQ(shown.path.size(), 2);
  const CertificateSummary& leaf = shown.path.front();
  CHECK_EQ(leaf.subject, "CN=leaf, O=Test");
  CHECK_EQ(leaf.issuer, "CN=Test Root");
  CHECK_EQ(leaf.names, std::vector<std::string>{"relay.example"});
  CHECK_EQ(leaf.key, "P-256");
  CHECK_EQ(leaf.pin.size(), std::string_view("sha256:").size() + 44);
  using namespace std::chrono;
  CHECK_EQ(leaf.not_before.time_since_epoch(),
           sys_seconds(sys_days(year(2020) / 1 / 1)).time_since_epoch());
  CHECK_EQ(leaf.not_after.time_since_epoch(),
           (sys_days(year(2030) / 1 / 2) + 3h + 4min + 5s).time_since_epoch());
  CHECK_EQ(shown.path.back().subject, "CN=Test Root");
}

TEST_CASE("a refused chain and a refused name are told apart") {
  const Chain chain;
  const std::string other = make_certificate({.subject = "CN=Other", .authority = true}).pem;
  {
    const auto shown = shown_to(chain.root.pem, chain.leaf, "other.example", false);
    CHECK_FALSE(shown.chain.has_value());
    REQUIRE(shown.name.has_value());
    CHECK_NE(shown.name->what.find("relay.example, not for other.example"), std::string::npos);
    CHECK_EQ(shown.path.size(), 2);
  }
  {
    const auto shown = shown_to(other, chain.leaf, "relay.example", false);
    REQUIRE(shown.chain.has_value());
    CHECK_NE(shown.chain->what.find("Test Root"), std::string::npos);
    CHECK_FALSE(shown.name.has_value());
    REQUIRE_EQ(shown.path.size(), 1);
    CHECK_EQ(shown.path.front().subject, "CN=leaf, O=Test");
  }
  {
    const auto shown = shown_to(other, chain.leaf, "other.example", false);
    CHECK(shown.chain.has_value());
    CHECK(shown.name.has_value());
  }
}

TEST_CASE("where nobody verifies, what was shown is told all the same") {
  const Chain chain;
  const auto shown = shown_to("", chain.leaf, "other.example", true);
  CHECK_FALSE(shown.chain.has_value());
  CHECK_FALSE(shown.name.has_value());
  REQUIRE_EQ(shown.path.size(), 1);
  CHECK_EQ(shown.path.front().subject, "CN=leaf, O=Test");
}

TEST_CASE("what nobody asked for is not kept") {
  const Chain chain;
  test::Pair pair(make_context(true, {.ca = chain.root.pem}), server_with(chain.leaf));
  CHECK(pair.shake());
  CHECK(pair.client.engine.peer_certificates().path.empty());
}

TEST_CASE("keys are named by their kind and size") {
  const auto key_of = [](test::Key::Kind kind) {
    const Certificate one = make_certificate({.names = {"relay.example"}, .kind = kind});
    return shown_to(one.pem, one, "relay.example", true).path.front().key;
  };
  CHECK_EQ(key_of(test::Key::Kind::p384), "P-384");
  CHECK_EQ(key_of(test::Key::Kind::rsa2048), "RSA 2048");
}

TEST_CASE("what a certificate says of itself is escaped") {
  const Certificate odd = make_certificate({.subject = "CN=a\x1b[31m\nb", .names = {"\x07"}});
  const auto shown = shown_to("", odd, "relay.example", true);
  REQUIRE_EQ(shown.path.size(), 1);
  for (const std::string& text : {shown.path[0].subject, shown.path[0].names.at(0)}) {
    CAPTURE(text);
    CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; }));
  }
}

}  // namespace
}  // namespace tunnel::x509
