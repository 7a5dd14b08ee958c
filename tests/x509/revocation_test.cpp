// Who is refused because of a list of revoked certificates, and when a list does not say enough.
#include "x509/revocation.hpp"

#include <doctest/doctest.h>

#include "support/revocation_list.hpp"
#include "support/temporary_folder.hpp"
#include "support/wording.hpp"

namespace tunnel::x509 {
namespace {

using test::Certificate;
using test::make_certificate;
using test::make_list;

struct Relay {
  Certificate root = make_certificate({.subject = "CN=Root", .authority = true});
  Certificate middle = make_certificate({.subject = "CN=Middle", .authority = true}, &root);
  Certificate leaf = make_certificate({.names = {"relay.example"}}, &middle);
  Certificate direct = make_certificate({.names = {"relay.example"}}, &root);
};

const Relay& relay() {
  static const Relay all;
  return all;
}

std::shared_ptr<const RevocationLists> loaded(const std::string& lists) {
  const test::TemporaryFolder folder;
  auto out = load_revocation_lists(folder.write("lists.pem", lists));
  REQUIRE(out);
  return *out;
}

std::string verdict(const std::vector<const Certificate*>& presented, const std::string& lists) {
  auto authorities = std::make_shared<Certificates>();
  REQUIRE(add_certificate(*authorities, test::der_of(relay().root)));
  Rules rules;
  rules.wording = test::wording();
  rules.authorities = authorities;
  rules.lists = loaded(lists);
  std::vector<std::string> der;
  for (const Certificate* one : presented) der.push_back(test::der_of(*one));
  return test::verdict_of(der, rules, {"relay.example", false});
}

const std::string leaf = "the certificate of relay.example:443 ";
const std::string unknown = "whether the certificate of relay.example:443 was revoked is unknown: ";
const std::string fetch_again = "; fetch the list from the authority again";

TEST_CASE("who is not on the list of its issuer is believed") {
  const Relay& r = relay();
  CHECK_EQ(verdict({&r.direct}, make_list(r.root)), "");
  CHECK_EQ(verdict({&r.direct}, make_list(r.root, {.revoked = {&r.leaf, &r.middle}})), "");
  CHECK_EQ(verdict({&r.leaf, &r.middle}, make_list(r.root) + make_list(r.middle)), "");
  // for the authorities above, whatever lists there are
  CHECK_EQ(verdict({&r.leaf, &r.middle}, make_list(r.middle)), "");
}

TEST_CASE("who is on the list is refused") {
  const Relay& r = relay();
  const std::string on =
      "was revoked on 2024-01-31 12:00:00 UTC; its owner must get a new one; don't use this one "
      "any "
      "more";
  CHECK_EQ(verdict({&r.direct}, make_list(r.root, {.revoked = {&r.middle, &r.direct}})), leaf + on);
  CHECK_EQ(verdict({&r.leaf, &r.middle},
                   make_list(r.root) + make_list(r.middle, {.revoked = {&r.leaf}})),
           leaf + on);
  CHECK_EQ(verdict({&r.leaf, &r.middle},
                   make_list(r.middle) + make_list(r.root, {.revoked = {&r.middle}})),
           "the authority \"CN=Middle\" behind " + leaf + on);
  // an old list of the same authority beside a new one
  CHECK_EQ(verdict({&r.direct}, make_list(r.root) + make_list(r.root, {.revoked = {&r.direct}})),
           leaf + on);
}

TEST_CASE("a list of another issuer says nothing, and that is not enough") {
  const Relay& r = relay();
  const Certificate stranger = make_certificate({.subject = "CN=Stranger", .authority = true});
  CHECK_EQ(verdict({&r.direct}, make_list(stranger)),
           unknown +
               "crl has no list of its issuer \"CN=Root\"; add that authority's list to the "
               "file, or remove crl");
  CHECK_EQ(verdict({&r.leaf, &r.middle}, make_list(r.root)),
           unknown +
               "crl has no list of its issuer \"CN=Middle\"; add that authority's list to the "
               "file, or remove crl");
}

TEST_CASE("a list that its issuer has not signed is no list") {
  const Relay& r = relay();
  const Certificate impostor = make_certificate({.subject = "CN=Root", .authority = true});
  CHECK_EQ(verdict({&r.direct}, make_list(impostor)),
           unknown +
               "the list of \"CN=Root\" in crl is not one that it has signed and that is "
               "valid now" +
               fetch_again);
  // whoever may not sign lists has signed none
  const Certificate middle =
      make_certificate({.subject = "CN=Middle", .authority = true, .key_usage = 0x04}, &r.root);
  const Certificate below = make_certificate({.names = {"relay.example"}}, &middle);
  CHECK_EQ(verdict({&below, &middle}, make_list(middle)),
           unknown +
               "the list of \"CN=Middle\" in crl is not one that it has signed and that is "
               "valid now" +
               fetch_again);
}

TEST_CASE("a list that is out of its time is no list") {
  const Relay& r = relay();
  const std::string expired = verdict({&r.direct}, make_list(r.root, {.until = "240131120000Z"}));
  CHECK(expired.starts_with(unknown +
                            "the list of \"CN=Root\" in crl expired on 2024-01-31 12:00:00 UTC, "));
  CHECK(expired.ends_with(" ago; fetch the authority's current list, and reload"));
  CHECK_EQ(verdict({&r.direct}, make_list(r.root, {.from = "480131120000Z"})),
           unknown +
               "the list of \"CN=Root\" in crl is not one that it has signed and that is "
               "valid now" +
               fetch_again);
  // one without an end cannot be told from an old one
  CHECK_NE(verdict({&r.direct}, make_list(r.root, {.until = ""})), "");
  // the revoked are refused as such all the same
  CHECK(verdict({&r.direct}, make_list(r.root, {.revoked = {&r.direct}, .until = "240131120000Z"}))
            .starts_with(leaf + "was revoked on"));
}

TEST_CASE("a certificate that is trusted itself has nobody who could revoke it") {
  const Certificate own = make_certificate({.names = {"relay.example"}});
  auto authorities = std::make_shared<Certificates>();
  REQUIRE(add_certificate(*authorities, test::der_of(own)));
  Rules rules;
  rules.wording = test::wording();
  rules.authorities = authorities;
  rules.lists = loaded(make_list(relay().root));
  CHECK_EQ(test::verdict_of({test::der_of(own)}, rules, {"relay.example", false}), "");
}

TEST_CASE("trust ends with the list that it rests on") {
  const Relay& r = relay();
  auto authorities = std::make_shared<Certificates>();
  REQUIRE(add_certificate(*authorities, test::der_of(r.root)));
  Rules rules;
  rules.wording = test::wording();
  rules.authorities = authorities;
  rules.lists = loaded(make_list(r.root, {.until = "400131120000Z"}));
  tls::Verification verification(rules, {"relay.example", false});
  Certificates presented;
  REQUIRE(add_certificate(presented, test::der_of(r.direct)));
  std::uint32_t flags = 0;
  verification.look_at(authorities->chain, 1, flags);
  verification.look_at(presented.chain, 0, flags);
  CHECK_EQ(flags, 0);
  using namespace std::chrono;
  const sys_seconds end = sys_days(year(2040) / 1 / 31) + hours(12);
  CHECK(verification.trust().ends == end);
}

TEST_CASE("a file that is no list is refused with the reason") {
  const test::TemporaryFolder folder;
  const auto mistake = [&](const std::string& content) {
    const auto path = folder.write("lists", content);
    const auto out = load_revocation_lists(path);
    REQUIRE_FALSE(out);
    std::string message = out.error().message();
    message.replace(message.find(path.string()), path.string().size(), "FILE");
    return message;
  };
  CHECK_EQ(mistake(""), "FILE is empty; it must be PEM, with -----BEGIN X509 CRL-----, or DER");
  CHECK_EQ(mistake("hello"),
           "FILE holds no list of revoked certificates that can be read; it must be PEM, with "
           "-----BEGIN X509 CRL-----, or DER");
  CHECK(mistake(relay().root.pem)
            .starts_with("FILE holds a certificate, not a list of revoked certificates"));
  CHECK(mistake("\x30\x03\x02\x01\x01").starts_with("FILE holds no list of revoked certificates"));
  // id-ce-issuingDistributionPoint, critical
  const std::string some_only =
      test::sequence(test::der(0x06, "\x55\x1d\x1c") + test::der(0x01, "\xff") +
                     test::der(0x04, test::sequence("")));
  CHECK_EQ(mistake(make_list(relay().root, {.extension = some_only})),
           "FILE is a list of changes or for some certificates only; name the authority's full "
           "list");
  const auto missing = load_revocation_lists(folder.path() / "missing");
  REQUIRE_FALSE(missing);
  CHECK_EQ(missing.error().hint, "put it there, or name another");
  // what surrounds a list is no list
  const std::string plain = make_list(relay().root);
  for (const std::string& around : {plain + "\n", plain + "\r\n \n\n",
                                    "Certificate Revocation List (CRL):\n\n" + plain + "\nend\n"}) {
    const auto lists = load_revocation_lists(folder.write("around.pem", around));
    REQUIRE(lists);
    CHECK((*lists)->first.version != 0);
    CHECK((*lists)->first.next == nullptr);
  }
  // DER is as good as PEM
  const std::string pem = make_list(relay().root);
  std::string der = pem;
  der.replace(der.find("X509 CRL"), 8, "CERTIFICATE");
  der.replace(der.find("X509 CRL"), 8, "CERTIFICATE");
  CHECK(load_revocation_lists(folder.write("list.der", certificates_in(der).at(0))));
}

}  // namespace
}  // namespace tunnel::x509
