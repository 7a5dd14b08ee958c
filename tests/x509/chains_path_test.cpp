// Chains that are accepted, and those that are refused for what their certificates are: each with
// its reason.
#include <doctest/doctest.h>

#include "support/chain.hpp"

namespace tunnel::x509 {
namespace {

using test::ChainWish;
using test::check_chains;
using test::Key;
using test::Wish;

const std::string leaf = "the certificate of relay.example:443 ";
const Wish root = {.subject = "CN=Root", .authority = true};
const Wish middle = {.subject = "CN=Middle", .authority = true};
const std::string behind = " behind the certificate of relay.example:443 ";

test::RawExtension usages(const std::string& oids) {
  return {test::extended_usage_oid, test::sequence(oids), false};
}
const std::string server_auth = test::der(0x06, "\x2b\x06\x01\x05\x05\x07\x03\x01");
const std::string client_auth = test::der(0x06, "\x2b\x06\x01\x05\x05\x07\x03\x02");
const std::string mail_protection = test::der(0x06, "\x2b\x06\x01\x05\x05\x07\x03\x04");
const std::string any_usage = test::der(0x06, std::string("\x55\x1d\x25\0", 4));

TEST_CASE("intermediates may come in any order") {
  const Wish lower = {.subject = "CN=Lower", .authority = true};
  const Wish lowest = {.subject = "CN=Lowest", .authority = true};
  check_chains({
      {"two, from the top", {.authorities = {root, middle, lower}, .top_first = true}, ""},
      {"three, from the top",
       {.authorities = {root, middle, lower, lowest}, .top_first = true},
       ""},
      {"with the root",
       {.authorities = {root, middle, lower}, .presented_from = 0, .top_first = true},
       ""},
      {"of a client",
       {.authorities = {root, middle, lower},
        .leaf = {.names = {"x"}, .usage = Wish::Usage::clients},
        .by_client = true,
        .top_first = true},
       ""},
      // what is right about the order does not make up for anything else
      {"one is missing",
       {.authorities = {root, middle, lower, lowest}, .presented_from = 2, .top_first = true},
       leaf +
           "was issued by \"CN=Middle\", which is not trusted here; name the issuer's certificate "
           "with ca = \"...\""},
      {"one that must not issue",
       {.authorities = {root, middle, {.subject = "CN=Lower"}}, .top_first = true},
       leaf +
           "was issued by \"CN=Lower\", which is not trusted here; name the issuer's certificate "
           "with ca = \"...\""},
  });
}

TEST_CASE("chains without a flaw are accepted") {
  check_chains({
      {"leaf and authority", {}, ""},
      {"one intermediate", {.authorities = {root, middle}}, ""},
      {"two intermediates",
       {.authorities = {root, middle, {.subject = "CN=Lower", .authority = true}}},
       ""},
      {"P-384", {.leaf = {.names = {"relay.example"}, .kind = Key::Kind::p384}}, ""},
      {"RSA of 2048 bits", {.leaf = {.names = {"relay.example"}, .kind = Key::Kind::rsa2048}}, ""},
      {"SHA-512", {.leaf = {.names = {"relay.example"}, .digest = MBEDTLS_MD_SHA512}}, ""},
      {"the root is sent along", {.authorities = {root, middle}, .presented_from = 0}, ""},
      {"no subject but names", {.leaf = {.subject = "", .names = {"relay.example"}}}, ""},
      {"a path length that is kept",
       {.authorities = {{.subject = "CN=Root", .authority = true, .path_length = 1},
                        {.subject = "CN=Middle", .authority = true, .path_length = 0}}},
       ""},
      {"more than one usage",
       {.leaf = {.names = {"relay.example"},
                 .usage = Wish::Usage::none,
                 .extensions = {usages(client_auth + server_auth)}}},
       ""},
      {"a root signed with SHA-1 is trusted for itself",
       {.authorities = {{.subject = "CN=Root", .authority = true, .digest = MBEDTLS_MD_SHA1}}},
       ""},
      {"an intermediate for servers",
       {.authorities =
            {root, {.subject = "CN=Middle", .authority = true, .usage = Wish::Usage::servers}}},
       ""},
      {"an intermediate for anything",
       {.authorities =
            {root, {.subject = "CN=Middle", .authority = true, .extensions = {usages(any_usage)}}}},
       ""},
      {"no usage, below an authority that the user named",
       {.leaf = {.names = {"relay.example"}, .usage = Wish::Usage::none}},
       ""},
      {"no usage, below an intermediate",
       {.authorities = {root, middle},
        .leaf = {.names = {"relay.example"}, .usage = Wish::Usage::none}},
       ""},
      {"for anything, below an authority that the user named",
       {.leaf = {.names = {"relay.example"},
                 .usage = Wish::Usage::none,
                 .extensions = {usages(any_usage)}}},
       ""},
      {"a client without a usage",
       {.leaf = {.subject = "CN=laptop", .usage = Wish::Usage::none}, .by_client = true},
       ""},
      {"an extension that nobody knows and nobody insists on",
       {.leaf = {.names = {"relay.example"}, .extensions = {{"\x2a\x03\x04", "\x05", false}}}},
       ""},
      {"a client",
       {.leaf = {.subject = "CN=laptop", .usage = Wish::Usage::clients}, .by_client = true},
       ""},
  });
}

TEST_CASE("a certificate that is trusted itself may say less than one that was issued") {
  const auto own = [](Wish wish) {
    wish.names = {"relay.example"};
    return ChainWish{.authorities = {}, .leaf = std::move(wish)};
  };
  check_chains({
      {"as tunnel keygen makes it", own({}), ""},
      {"as openssl req -x509 makes it",
       own({.authority = true, .usage = Wish::Usage::none, .key_usage = 0x80 | 0x04}), ""},
      {"without a usage", own({.usage = Wish::Usage::none}), ""},
      {"for clients only", own({.usage = Wish::Usage::clients}),
       leaf + "is not for servers; it needs the extended key usage serverAuth, and a pin does not "
              "replace that"},
      {"for signing certificates only", own({.authority = true}),
       leaf + "is not for servers; its key usage must have digitalSignature, and a pin does not "
              "replace that"},
  });
  CHECK(test::verdict_of(own({.from = "19990101000000", .until = "20000101000000"}))
            .starts_with(leaf + "expired on 2000-01-01 00:00:00 UTC, "));
}

TEST_CASE("a path that leads nowhere is refused") {
  const Wish not_an_authority = {.subject = "CN=Middle", .names = {"middle.example"}};
  const std::string not_trusted =
      "the certificate of relay.example:443 was issued by \"CN=Middle\", which is not trusted "
      "here; "
      "name the issuer's certificate with ca = \"...\"";
  const std::string not_by_root =
      "the certificate of relay.example:443 says it was issued by \"CN=Root\", but not by the one "
      "that is trusted here, or that one must not issue it; has the authority a new key? then name "
      "its new certificate with ca = \"...\"";
  check_chains({
      {"an intermediate that is not sent",
       {.authorities = {root, middle}, .presented_from = 2},
       not_trusted + "; if it is, the server lacks its intermediate certificates"},
      {"a leaf that has issued", {.authorities = {root, not_an_authority}}, not_trusted},
      {"an issuer that may not sign certificates",
       {.authorities = {root,
                        {.subject = "CN=Middle", .authority = true, .key_usage = 0x80 | 0x02}}},
       not_trusted},
      {"more authorities than the root allows",
       {.authorities = {{.subject = "CN=Root", .authority = true, .path_length = 0}, middle}},
       not_by_root},
      {"more authorities than an intermediate allows",
       {.authorities = {root,
                        {.subject = "CN=Upper", .authority = true, .path_length = 0},
                        middle}},
       "the certificate of relay.example:443 was issued by \"CN=Upper\", which is not trusted "
       "here; "
       "name the issuer's certificate with ca = \"...\""},
      {"a root that is no authority", {.authorities = {{.subject = "CN=Root"}}}, not_by_root},
  });
  ChainWish endless{.authorities = {root}};
  for (int i = 0; i < 12; ++i)
    endless.authorities.push_back({.subject = "CN=" + std::to_string(i), .authority = true});
  CHECK_EQ(test::verdict_of(endless),
           "the chain that relay.example:443 presented is too long; eight authorities between the "
           "leaf and the trusted one are the most");
}

TEST_CASE("weak certificates are refused wherever they are") {
  check_chains({
      {"SHA-1",
       {.leaf = {.names = {"relay.example"}, .digest = MBEDTLS_MD_SHA1}},
       leaf + "is signed with SHA-1, which is too weak; it must be signed with SHA-256 or better"},
      {"SHA-224",
       {.leaf = {.names = {"relay.example"}, .digest = MBEDTLS_MD_SHA224}},
       leaf +
           "is signed with SHA-224, which is too weak; it must be signed with SHA-256 or better"},
      {"SHA-1 in the middle",
       {.authorities = {root,
                        {.subject = "CN=Middle", .authority = true, .digest = MBEDTLS_MD_SHA1}}},
       "the authority \"CN=Middle\"" + behind +
           "is signed with SHA-1, which is too weak; it must be signed with SHA-256 or better"},
      {"RSA of 1024 bits",
       {.leaf = {.names = {"relay.example"}, .kind = Key::Kind::rsa1024}},
       leaf + "has a key that is too weak: RSA of 1024 bits; it needs P-256, P-384, or RSA of 2048 "
              "bits at least"},
      {"RSA of 1024 bits at the root",
       {.authorities = {{.subject = "CN=Root", .authority = true, .kind = Key::Kind::rsa1024}}},
       "the authority \"CN=Root\"" + behind +
           "has a key that is too weak: RSA of 1024 bits; it needs P-256, P-384, or RSA of 2048 "
           "bits at least"},
  });
}

TEST_CASE("a leaf that is no certificate for a peer is refused") {
  check_chains({
      {"version 1",
       {.leaf = {.version_3 = false}},
       leaf + "is X.509 version 1; it must be version 3, which has the names and uses of a "
              "certificate; or, if its owner confirms the key, trust exactly it: pin = \"PIN\" in "
              "place of ca"},
      {"an authority's own",
       {.leaf = {.names = {"relay.example"}, .authority = true, .usage = Wish::Usage::servers}},
       leaf + "is that of an authority (CA:TRUE); let the authority issue one with CA:FALSE; or, "
              "if its owner confirms the key, "
              "trust exactly it: pin = \"PIN\" in place of ca"},
      {"no usage, below an authority of the system",
       {.leaf = {.names = {"relay.example"}, .usage = Wish::Usage::none}, .by_system = true},
       leaf + "does not say that it is for servers; it needs the extended key usage serverAuth; "
              "or, if its owner confirms the key, "
              "trust exactly it: pin = \"PIN\""},
      {"for clients",
       {.leaf = {.names = {"relay.example"}, .usage = Wish::Usage::clients}},
       leaf + "is not for servers; it needs the extended key usage serverAuth, and a pin does not "
              "replace that"},
      {"for mail",
       {.leaf = {.names = {"relay.example"},
                 .usage = Wish::Usage::none,
                 .extensions = {usages(mail_protection)}}},
       leaf + "is not for servers; it needs the extended key usage serverAuth, and a pin does not "
              "replace that"},
      {"for anything, which is not said to be servers, below an authority of the system",
       {.leaf = {.names = {"relay.example"},
                 .usage = Wish::Usage::none,
                 .extensions = {usages(any_usage)}},
        .by_system = true},
       leaf + "does not say that it is for servers; it needs the extended key usage serverAuth; "
              "or, if its owner confirms the key, "
              "trust exactly it: pin = \"PIN\""},
      {"a key that may not sign a handshake",
       {.leaf = {.names = {"relay.example"}, .key_usage = 0x08}},
       leaf + "is not for servers; its key usage must have digitalSignature, and a pin does not "
              "replace that"},
      {"an intermediate for mail",
       {.authorities =
            {root,
             {.subject = "CN=Middle", .authority = true, .extensions = {usages(mail_protection)}}}},
       "the authority \"CN=Middle\"" + behind +
           "is not for servers; it needs the extended key usage serverAuth; or, if its owner "
           "confirms the key, trust exactly the "
           "certificate of relay.example:443: pin = \"PIN\" in place of ca"},
      {"a client with a server's certificate",
       {.leaf = {.names = {"relay.example"}}, .by_client = true},
       leaf + "is not for clients; it needs the extended key usage clientAuth, and a pin does not "
              "replace that"},
      {"a client whom nobody vouches for",
       {.authorities = {root, middle},
        .leaf = {.subject = "CN=laptop", .usage = Wish::Usage::clients},
        .by_client = true,
        .presented_from = 2},
       "the certificate of relay.example:443 was issued by \"CN=Middle\", which is not trusted "
       "here; name the issuer's certificate with client_ca = \"...\"; if it is, the client lacks "
       "its intermediate certificates; or, if its owner confirms the key, trust exactly it: "
       "client_pin = \"PIN\" in place of "
       "client_ca"},
  });
}

}  // namespace
}  // namespace tunnel::x509
