// Chains that are refused for a name, for what an authority may not vouch for, or for a limit that
// nobody enforces: each with its reason.
#include <doctest/doctest.h>

#include "support/chain.hpp"

namespace tunnel::x509 {
namespace {

using test::address_name;
using test::ChainWish;
using test::check_chains;
using test::directory_name;
using test::dns_name;
using test::limits;
using test::mail_name;
using test::RawExtension;
using test::uri_name;
using test::Wish;

const std::string leaf = "the certificate of relay.example:443 ";
const Wish root = {.subject = "CN=Root", .authority = true};

RawExtension names(const std::string& general_names) {
  return {test::alternative_name_oid, test::sequence(general_names), false};
}

TEST_CASE("a name is looked for in the subjectAltName alone") {
  const std::string no_name =
      leaf +
      "has no name that counts; its owner must give it a subjectAltName: a common name alone "
      "is not believed";
  check_chains({
      {"a common name", {.leaf = {.subject = "CN=relay.example"}}, no_name},
      {"a mail address alone",
       {.leaf = {.subject = "CN=relay.example", .extensions = {names(mail_name("relay.example"))}}},
       no_name},
      {"another name beside the common name",
       {.leaf = {.subject = "CN=relay.example", .names = {"other.example"}}},
       "the certificate is for other.example, not for relay.example; if that is the far side, "
       "write "
       "connect = \"other.example:443\", or server_name = \"other.example\""},
      {"the name of another host",
       {.leaf = {.names = {"relay.example"}}, .name = {"other.example", false}},
       "the certificate is for relay.example, not for other.example; if that is the far side, "
       "write "
       "server_name = \"relay.example\""},
      {"a wildcard for the host's domain",
       {.leaf = {.names = {"*.relay.example"}}},
       "the certificate is for *.relay.example, not for relay.example; if that is the far side, "
       "write server_name with its name, one label before .relay.example"},
      {"a wildcard above a single label",
       {.leaf = {.names = {"*.example"}}},
       "the certificate is for *.example, not for relay.example; its owner must remake it: none of "
       "its names is one that counts"},
      {"part of a wildcard",
       {.leaf = {.names = {"rel*.relay.example"}}, .name = {"relay.relay.example", false}},
       "the certificate is for rel*.relay.example, not for relay.relay.example; its owner must "
       "remake it: none of its names is one that counts"},
      {"a name with a NUL in it",
       {.leaf = {.extensions = {names(dns_name(std::string("relay.example\0.evil.example", 27)))}}},
       "the certificate is for relay.example\\x00.evil.example, not for relay.example; its owner "
       "must remake it: none of its names is one that counts"},
      {"an address as a name",
       {.leaf = {.names = {"192.0.2.7"}}, .name = {"192.0.2.7", true}},
       leaf + "has the address 192.0.2.7 as a DNS name, which does not count; its owner must write "
              "it as IP:192.0.2.7 in the subjectAltName"},
      {"an address", {.leaf = {.addresses = {{192, 0, 2, 7}}}, .name = {"192.0.2.7", true}}, ""},
      {"another address",
       {.leaf = {.addresses = {{192, 0, 2, 7}}}, .name = {"192.0.2.8", true}},
       "the certificate is for 192.0.2.7, not for 192.0.2.8; if that is the far side, write "
       "server_name = \"192.0.2.7\""},
      {"many names",
       {.leaf = {.names = {"a.example", "b.example", "c.example", "d.example", "e.example",
                           "f.example", "g.example", "h.example"}}},
       "the certificate is for a.example, b.example, c.example, d.example, e.example, f.example "
       "and "
       "2 more, not for relay.example; if that is the far side, write connect = \"a.example:443\", "
       "or server_name = \"a.example\""},
      {"no name is asked of a client",
       {.leaf = {.names = {"other.example"}, .usage = Wish::Usage::clients}, .by_client = true},
       ""},
  });
}

// The root has issued an intermediate with these limits, and that the leaf.
ChainWish limited(RawExtension limit, std::vector<std::string> dns,
                  std::vector<std::vector<unsigned char>> addresses = {}) {
  return {
      .authorities = {root, {.subject = "CN=Limited", .authority = true, .extensions = {limit}}},
      .leaf = {.names = std::move(dns), .addresses = std::move(addresses)}};
}

std::string beyond(const std::string& name) {
  return leaf + "goes beyond what its issuer may issue: \"CN=Limited\" may not vouch for " + name +
         "; it needs another issuer; or, if its owner confirms the key, trust exactly it: pin = "
         "\"PIN\" in place of ca";
}

const std::string block_192_0_2 = {"\xc0\0\2\0\xff\xff\xff\0", 8};
const std::string block_2001_db8 = std::string("\x20\x01\x0d\xb8", 4) + std::string(12, '\0') +
                                   std::string(4, '\xff') + std::string(12, '\0');

TEST_CASE("name constraints for DNS are enforced, critical or not") {
  for (const bool critical : {true, false}) {
    CAPTURE(critical);
    const auto permitted = [&](const std::string& base, std::vector<std::string> dns) {
      return limited(limits({dns_name(base)}, {}, critical), std::move(dns));
    };
    const auto excluded = [&](const std::string& base, std::vector<std::string> dns) {
      return limited(limits({}, {dns_name(base)}, critical), std::move(dns));
    };
    check_chains({
        {"the name itself", permitted("relay.example", {"relay.example"}), ""},
        {"a name below", permitted("example", {"relay.example"}), ""},
        {"case does not matter", permitted("EXAMPLE", {"relay.Example"}), ""},
        {"everything", permitted("", {"relay.example"}), ""},
        {"a name beside", permitted("other.example", {"relay.example"}), beyond("relay.example")},
        {"a name that ends alike", permitted("lay.example", {"relay.example"}),
         beyond("relay.example")},
        {"one name of two", permitted("relay.example", {"relay.example", "evil.test"}),
         beyond("evil.test")},
        {"below a dot", permitted(".example", {"relay.example"}), ""},
        {"the name that the dot is before", permitted(".relay.example", {"relay.example"}),
         beyond("relay.example")},
        {"a wildcard within", permitted("example", {"relay.example", "*.relay.example"}), ""},
        {"a wildcard that reaches beyond",
         permitted("relay.example", {"relay.example", "*.example.org"}), beyond("*.example.org")},
        {"an excluded name", excluded("relay.example", {"relay.example"}), beyond("relay.example")},
        {"a name below an excluded one", excluded("example", {"relay.example"}),
         beyond("relay.example")},
        {"a name beside an excluded one", excluded("other.example", {"relay.example"}), ""},
        {"a wildcard that covers an excluded name",
         excluded("bad.a.example", {"relay.example", "*.a.example"}), beyond("*.a.example")},
        {"a wildcard that does not reach an excluded name",
         excluded("very.bad.a.example", {"relay.example", "*.a.example"}), ""},
        {"no name at all is permitted", excluded("", {"relay.example"}), beyond("relay.example")},
        {"a name that is none", permitted("example", {"relay.example", "not a name"}),
         beyond("not a name")},
        {"addresses are not limited by names",
         limited(limits({dns_name("relay.example")}, {}, critical), {"relay.example"},
                 {{192, 0, 2, 7}}),
         ""},
    });
  }
}

TEST_CASE("name constraints for addresses are enforced") {
  const std::vector<unsigned char> inside = {192, 0, 2, 7};
  const std::vector<unsigned char> outside = {192, 0, 3, 7};
  const std::vector<unsigned char> six = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7};
  const RawExtension permitted = limits({address_name(block_192_0_2)});
  const RawExtension excluded = limits({}, {address_name(block_192_0_2)});
  check_chains({
      {"inside", limited(permitted, {"relay.example"}, {inside}), ""},
      {"outside", limited(permitted, {"relay.example"}, {outside}), beyond("192.0.3.7")},
      {"of the other family", limited(permitted, {"relay.example"}, {six}), beyond("2001:db8::7")},
      {"excluded", limited(excluded, {"relay.example"}, {inside}), beyond("192.0.2.7")},
      {"beside what is excluded", limited(excluded, {"relay.example"}, {outside, six}), ""},
      {"IPv6 inside", limited(limits({address_name(block_2001_db8)}), {"relay.example"}, {six}),
       ""},
      {"no address at all",
       limited(
           limits({}, {address_name(std::string(8, '\0')), address_name(std::string(32, '\0'))}),
           {"relay.example"}, {six}),
       beyond("2001:db8::7")},
  });
}

TEST_CASE("limits hold over the whole chain, and for every certificate in it") {
  const Wish limited_root = {
      .subject = "CN=Limited", .authority = true, .extensions = {limits({dns_name("example")})}};
  const Wish narrower = {
      .subject = "CN=Narrower", .authority = true, .extensions = {limits({dns_name("a.example")})}};
  const Wish wider = {
      .subject = "CN=Wider", .authority = true, .extensions = {limits({dns_name("")})}};
  const Wish with_a_name = {.subject = "CN=Middle", .names = {"evil.test"}, .authority = true};
  check_chains({
      {"the root's limits", {.authorities = {limited_root}}, ""},
      {"beyond the root's limits",
       {.authorities = {limited_root}, .leaf = {.names = {"relay.example", "evil.test"}}},
       beyond("evil.test")},
      {"an intermediate narrows",
       {.authorities = {limited_root, narrower}},
       leaf + "goes beyond what its issuer may issue: \"CN=Narrower\" may not vouch for "
              "relay.example; it needs another issuer; or, if its owner confirms the key, trust "
              "exactly it: pin = \"PIN\" in place "
              "of ca"},
      {"an intermediate does not widen",
       {.authorities = {limited_root, wider}, .leaf = {.names = {"relay.example", "evil.test"}}},
       beyond("evil.test")},
      {"an intermediate's own name",
       {.authorities = {limited_root, with_a_name}},
       beyond("evil.test")},
      {"a client's common name counts as a name of it",
       {.authorities = {limited_root},
        .leaf = {.subject = "CN=evil.test", .usage = Wish::Usage::clients},
        .by_client = true},
       "the certificate of relay.example:443 goes beyond what its issuer may issue: \"CN=Limited\" "
       "may not vouch for evil.test; it needs another issuer; or, if its owner confirms the key, "
       "trust exactly it: client_pin = "
       "\"PIN\" in place of client_ca"},
  });
}

TEST_CASE("a limit that nobody enforces refuses whoever it may concern") {
  const auto not_checked = [](const std::string& kind) {
    return leaf + "goes beyond what its issuer may issue: \"CN=Limited\" limits " + kind +
           ", which is not checked here; it needs another issuer; or, if its owner confirms the "
           "key, trust exactly it: pin = "
           "\"PIN\" in place of ca";
  };
  const auto not_understood = [](const std::string& who, const std::string& what) {
    return who + "is limited in a way that is not understood here: " + what +
           "; it needs an issuer without that limit; or, if its owner confirms the key, trust "
           "exactly it: pin = \"PIN\" in place "
           "of ca";
  };
  const std::string authority =
      "the authority \"CN=Limited\" behind the certificate of relay.example:443 ";
  const auto raw = [](const std::string& value) {
    return limited({test::name_constraints_oid, value, true}, {"relay.example"});
  };
  const std::string unreadable = not_understood(authority, "its name constraints cannot be read");
  check_chains({
      {"directory names", limited(limits({directory_name("x")}), {"relay.example"}),
       not_checked("directory names")},
      {"mail addresses, of which there are none",
       limited(limits({mail_name("example")}), {"relay.example"}), ""},
      {"mail addresses, of which one is in the subject",
       {.authorities = {root,
                        {.subject = "CN=Limited",
                         .authority = true,
                         .extensions = {limits({mail_name("example")})}}},
        .leaf = {.subject = "CN=x,emailAddress=a@evil.test", .names = {"relay.example"}}},
       not_checked("mail addresses")},
      {"URIs",
       {.authorities = {root,
                        {.subject = "CN=Limited",
                         .authority = true,
                         .extensions = {limits({}, {uri_name("example")})}}},
        .leaf = {.extensions = {names(dns_name("relay.example") +
                                      uri_name("https://a.example/"))}}},
       not_checked("URIs")},
      {"constraints that are not DER", raw("\x30\x05"), unreadable},
      {"constraints that constrain nothing", raw(test::sequence("")), unreadable},
      {"an address without a mask", raw(limits({address_name("\1\2\3\4")}).value), unreadable},
      {"a mask with holes", raw(limits({address_name("\1\2\3\4\xff\1\xff\1")}).value), unreadable},
      {"a minimum",
       raw(test::sequence(
           test::der(0xa0, test::sequence(dns_name("example") + test::der(0x80, "\1"))))),
       unreadable},
      {"a DNS limit that is no name", raw(limits({dns_name("*.example")}).value), unreadable},
      {"in a leaf, which may have none",
       {.leaf = {.names = {"relay.example"}, .extensions = {limits({dns_name("relay.example")})}}},
       leaf +
           "is limited in a way that is not understood here: name constraints, which only an "
           "authority may have; its owner must remake it without that; or, if its owner confirms "
           "the key, trust exactly it: pin = \"PIN\" in place of ca"},
      {"policy constraints",
       limited({test::policy_constraints_oid, test::sequence(test::der(0x80, std::string(1, '\0'))),
                false},
               {"relay.example"}),
       not_understood(authority, "policy constraints")},
      {"policy constraints, critical, which mbedTLS does not read",
       limited({test::policy_constraints_oid, test::sequence(test::der(0x80, std::string(1, '\0'))),
                true},
               {"relay.example"}),
       not_understood(authority, "policy constraints")},
      {"an unknown critical extension", limited({"\x2a\x03\x04", "\x05", true}, {"relay.example"}),
       not_understood(authority, "critical extension 1.2.3.4")},
      {"an unknown critical extension of the leaf",
       {.leaf = {.names = {"relay.example"}, .extensions = {{"\x2a\x03\x04", "\x05", true}}}},
       "relay.example:443 presented a certificate with a critical extension that is not understood "
       "here; it needs an issuer, or a certificate, without it"},
      {"an unknown critical extension of the root",
       {.authorities = {{.subject = "CN=Root",
                         .authority = true,
                         .extensions = {{"\x2a\x03\x04", "\x05", true}}}}},
       "the authority cannot be read"},
  });
}

}  // namespace
}  // namespace tunnel::x509
