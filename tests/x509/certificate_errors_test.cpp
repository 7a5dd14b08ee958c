// The words for each flaw of a certificate, where they depend on the clock, the name or the role.
#include "x509/certificate_errors.hpp"
#include "support/wording.hpp"

#include <doctest/doctest.h>

namespace tunnel::x509 {
namespace {

using namespace std::chrono;

const sys_seconds now = sys_days(year(2026) / 11 / 22) + hours(10);

std::string said(const Refusal& refusal, const CertificateFacts& facts = {},
                 Presented presented = {}) {
  if (presented.peer.empty()) presented.peer = "relay.example:443";
  if (presented.expected_name.empty()) presented.expected_name = "relay.example";
  presented.now = now;
  return explain_certificate(presented, facts, refusal, *test::wording()).message();
}

std::string expired(seconds ago) { return said({.flaw = Flaw::expired, .time = now - ago}); }

TEST_CASE("a certificate that has expired says when, and how long ago") {
  CHECK_EQ(
      expired(minutes(0)),
      "the certificate of relay.example:443 expired on 2026-11-22 10:00:00 UTC, 0 minutes ago; "
      "its owner must renew it; check the clock here too");
  const auto ago = [](seconds age) {
    const std::string text = expired(age);
    const std::size_t start = text.find("UTC, ") + 5;
    return text.substr(start, text.find(" ago;") - start);
  };
  CHECK_EQ(ago(minutes(1)), "1 minute");
  CHECK_EQ(ago(minutes(119)), "119 minutes");
  CHECK_EQ(ago(hours(2)), "2 hours");
  CHECK_EQ(ago(hours(47)), "47 hours");
  CHECK_EQ(ago(hours(48)), "2 days");
  CHECK_EQ(ago(days(94)), "94 days");
  CHECK_EQ(ago(days(729)), "729 days");
  CHECK_EQ(ago(days(731)), "2 years");
}

TEST_CASE("a certificate that is not yet valid says what the clock here says") {
  CHECK_EQ(said({.flaw = Flaw::not_yet_valid, .authority = "\"CN=Middle\"", .time = now + days(2)}),
           "the authority \"CN=Middle\" behind the certificate of relay.example:443 is valid only "
           "from 2026-11-24 10:00:00 UTC, and the clock here says 2026-11-22 10:00:00 UTC; set the "
           "clock here, or wait");
}

TEST_CASE("a wrong name comes with the line to write") {
  const auto line = [](std::vector<std::string> names, const std::string& peer,
                       const std::string& expected) {
    const std::string text = said({.flaw = Flaw::wrong_name}, {.names = std::move(names)},
                                  {.peer = peer, .expected_name = expected});
    return text.substr(text.find("; ") + 2);
  };
  const std::string far = "if that is the far side, ";
  CHECK_EQ(line({"a.example"}, "b.example:443", "b.example"),
           far + "write connect = \"a.example:443\", or server_name = \"a.example\"");
  CHECK_EQ(line({"*.x.example", "a.example"}, "b.example:443", "b.example"),
           far + "write connect = \"a.example:443\", or server_name = \"a.example\"");
  CHECK_EQ(line({"2001:db8::7"}, "[2001:db8::8]:443", "2001:db8::8"),
           far + "write connect = \"[2001:db8::7]:443\", or server_name = \"2001:db8::7\"");
  // the name that is asked for was not the one that was dialled
  CHECK_EQ(line({"a.example"}, "192.0.2.7:443", "b.example"),
           far + "write server_name = \"a.example\"");
  CHECK_EQ(line({"*.napter.soracom.io"}, "203.0.113.7:41234", "203.0.113.7"),
           far +
               "connect to its name; many relays spell their address in it: connect = "
               "\"203-0-113-7.napter.soracom.io:41234\"");
  CHECK_EQ(line({"*.a.example"}, "[2001:db8::8]:443", "2001:db8::8"),
           far + "write server_name with its name, one label before .a.example");
  CHECK_EQ(line({"no name", "*.com"}, "b.example:443", "b.example"),
           "its owner must remake it: none of its names is one that counts");
  CHECK_EQ(line({"a.example"}, "relay", "b.example"), far + "write server_name = \"a.example\"");
}

TEST_CASE("an address that stands as a DNS name is told as such") {
  const auto text = [](const std::string& expected, std::vector<std::string> misplaced,
                       std::vector<std::string> names) {
    return said({.flaw = Flaw::wrong_name},
                {.names = std::move(names),
                 .misplaced_addresses = std::move(misplaced),
                 .pin = "sha256:AAAA"},
                {.peer = "192.0.2.7:443", .expected_name = expected});
  };
  CHECK_EQ(text("192.0.2.7", {"192.0.2.7"}, {"relay.example", "192.0.2.7"}),
           "the certificate of 192.0.2.7:443 has the address 192.0.2.7 as a DNS name, which does "
           "not count; its owner must write it as IP:192.0.2.7 in the subjectAltName; or, if its "
           "owner confirms the key, trust exactly it: pin = \"sha256:AAAA\"");
  CHECK_NE(text("2001:db8::7", {"2001:DB8:0::7"}, {"2001:DB8:0::7"}).find("as a DNS name"),
           std::string::npos);
  // nor is it advice for another address
  CHECK_EQ(text("192.0.2.8", {"192.0.2.7"}, {"192.0.2.7"}),
           "the certificate is for 192.0.2.7, not for 192.0.2.8; its owner must remake it: none of "
           "its names is one that counts; or, if its owner confirms the key, trust exactly it: pin "
           "= \"sha256:AAAA\"");
}

TEST_CASE("what no owner will mend ends with the pin, in place of authorities that are named") {
  const CertificateFacts alone{.pin = "sha256:AAAA"};
  const CertificateFacts beside{.pin = "sha256:AAAA", .authorities_named = true};
  for (const Flaw flaw :
       {Flaw::expired, Flaw::not_yet_valid, Flaw::self_signed, Flaw::unknown_issuer,
        Flaw::not_by_the_issuer, Flaw::weak_signature, Flaw::weak_key, Flaw::unknown_constraint,
        Flaw::name_not_permitted, Flaw::old_version, Flaw::authority_as_leaf, Flaw::no_name,
        Flaw::no_usage}) {
    CAPTURE(static_cast<int>(flaw));
    CHECK(said({.flaw = flaw, .time = now}, alone)
              .ends_with("trust exactly it: pin = \"sha256:AAAA\""));
    CHECK(said({.flaw = flaw, .time = now}, beside)
              .ends_with("trust exactly it: pin = \"sha256:AAAA\" in place of ca"));
  }
  // a revoked key is no one's to trust, and a pin lifts no usage
  for (const Flaw flaw : {Flaw::revoked, Flaw::other_usage, Flaw::missing})
    CHECK_EQ(said({.flaw = flaw, .time = now}, alone).find("sha256:"), std::string::npos);
  CHECK(said({.flaw = Flaw::other_usage, .authority = "\"CN=Middle\""}, alone)
            .ends_with("or, if its owner confirms the key, trust exactly the certificate of "
                       "relay.example:443: pin = "
                       "\"sha256:AAAA\""));
}

TEST_CASE("an unknown issuer may be somebody on the way, where the system's authorities count") {
  const CertificateFacts facts{.names = {"relay.example"}, .issuer = "\"CN=Inspection\""};
  const std::string what =
      "the certificate of relay.example:443 was issued by \"CN=Inspection\", which is not trusted "
      "here; ";
  const std::string name_it = "name the issuer's certificate with ca = \"...\"";
  CHECK_EQ(said({Flaw::unknown_issuer}, facts, {.peer = "", .system_authorities = true}),
           what +
               "somebody on the way may be reading along, such as a company's proxy or a hotel's "
               "network: ask the far side's owner who issued its certificate; only if it was that "
               "one, " +
               name_it);
  CHECK_EQ(said({Flaw::unknown_issuer}, facts), what + name_it);
  CHECK_EQ(said({Flaw::not_by_the_issuer}, facts, {.peer = "", .system_authorities = true})
               .find("on the way"),
           std::string::npos);
}

TEST_CASE("the certificate of a sign-in page asks for the sign-in first") {
  const std::string question = "; does this network want a sign-in in a browser first? else ";
  const auto asks = [&](Flaw flaw, const std::string& name, Presented presented = {}) {
    return said({flaw}, {.names = {name}}, std::move(presented)).find(question) !=
           std::string::npos;
  };
  for (const std::string name : {"login.hotel.example", "Portal.example", "captive.example",
                                 "wifi.airport.example", "guest.example", "hotspot.example"}) {
    CAPTURE(name);
    CHECK(asks(Flaw::wrong_name, name));
    CHECK(asks(Flaw::self_signed, name));
    CHECK(asks(Flaw::unknown_issuer, name));
    CHECK_FALSE(asks(Flaw::expired, name));
    CHECK_FALSE(asks(Flaw::wrong_name, name, {.peer = "", .by_client = true}));
  }
  CHECK_FALSE(asks(Flaw::wrong_name, "www.example"));
  // the far side may be called so itself
  CHECK_FALSE(
      asks(Flaw::wrong_name, "login.example", {.peer = "", .expected_name = "login2.example"}));
}

TEST_CASE("a client's certificate is told of with the keys that are for clients") {
  const Presented client{.peer = "198.51.100.9:50000", .expected_name = " ", .by_client = true};
  const CertificateFacts facts{.issuer = "\"CN=Stranger\"", .pin = "sha256:AAAA", .alone = true};
  CHECK_EQ(
      said({Flaw::self_signed}, facts, client),
      "the certificate of 198.51.100.9:50000 is self-signed and not among the trusted ones; if "
      "it is the right one, trust exactly it: client_pin = \"sha256:AAAA\"");
  CHECK_EQ(
      said({Flaw::unknown_issuer}, facts, client),
      "the certificate of 198.51.100.9:50000 was issued by \"CN=Stranger\", which is not trusted "
      "here; name the issuer's certificate with client_ca = \"...\"; if it is, the client lacks "
      "its intermediate certificates");
  CHECK_EQ(
      said({Flaw::other_usage}, facts, client),
      "the certificate of 198.51.100.9:50000 is not for clients; it needs the extended key usage "
      "clientAuth, and a pin does not replace that");
  CHECK_EQ(said({Flaw::missing}, facts, client),
           "198.51.100.9:50000 presented no certificate; give it a certificate");
}

}  // namespace
}  // namespace tunnel::x509
