// Where the system judges chains itself: it may vouch for what no file of ours does, and no rule is
// spared for that.
#include <doctest/doctest.h>

#include "support/revocation_list.hpp"
#include "support/temporary_folder.hpp"
#include "support/wording.hpp"

namespace tunnel::x509 {
namespace {

using test::Certificate;
using test::der_of;
using test::make_certificate;

// A system that knows a root, and an intermediate that servers forget to send.
struct System {
  Certificate root = make_certificate({.subject = "CN=System Root", .authority = true});
  Certificate middle = make_certificate({.subject = "CN=Middle", .authority = true}, &root);
  std::vector<os::Chain> asked;

  os::ChainJudge judge() {
    return [this](const os::Chain& presented, bool) -> Result<os::Chain> {
      asked.push_back(presented);
      if (trusts_) return os::Chain{presented.front(), der_of(middle), der_of(root)};
      return Error{"the system says no"};
    };
  }
  bool trusts_ = true;
};

std::string verdict(System& system, const std::vector<const Certificate*>& presented,
                    const Certificate* own_root = nullptr, const std::string& lists = {}) {
  auto authorities = std::make_shared<Certificates>();
  if (own_root != nullptr) REQUIRE(add_certificate(*authorities, der_of(*own_root)));
  Rules rules;
  rules.wording = test::wording();
  rules.authorities = authorities;
  rules.system = system.judge();
  if (!lists.empty()) {
    const test::TemporaryFolder folder;
    auto loaded = load_revocation_lists(folder.write("lists.pem", lists));
    REQUIRE(loaded);
    rules.lists = *loaded;
  }
  std::vector<std::string> der;
  for (const Certificate* one : presented) der.push_back(der_of(*one));
  return test::verdict_of(der, rules, {"relay.example", false});
}

TEST_CASE("the system vouches for a chain that it completes") {
  System system;
  const Certificate leaf = make_certificate({.names = {"relay.example"}}, &system.middle);
  CHECK_EQ(verdict(system, {&leaf}), "");
  CHECK_EQ(verdict(system, {&leaf, &system.middle}), "");
  REQUIRE_EQ(system.asked.size(), 2);
  CHECK(system.asked[1] == os::Chain{der_of(leaf), der_of(system.middle)});
}

TEST_CASE("files and the system: either may vouch") {
  System system;
  const Certificate own = make_certificate({.subject = "CN=Own Root", .authority = true});
  const Certificate by_file = make_certificate({.names = {"relay.example"}}, &own);
  const Certificate by_system = make_certificate({.names = {"relay.example"}}, &system.middle);
  CHECK_EQ(verdict(system, {&by_file}, &own), "");
  CHECK(system.asked.empty());  // nobody waits for the system where a file is enough
  CHECK_EQ(verdict(system, {&by_system}, &own), "");
}

TEST_CASE("what the system refuses is refused with its reason") {
  System system;
  system.trusts_ = false;
  const Certificate leaf = make_certificate({.names = {"relay.example"}}, &system.middle);
  CHECK_EQ(test::without_pin(verdict(system, {&leaf})),
           "the certificate of relay.example:443 was issued by \"CN=Middle\", which is not trusted "
           "here (the system says no); name the issuer's certificate with ca = \"...\"; if it is, "
           "the server lacks its intermediate certificates");
}

TEST_CASE("the system's word does not spare a rule") {
  System system;
  const auto refused = [&](const test::Wish& wish) {
    const Certificate leaf = make_certificate(wish, &system.middle);
    return verdict(system, {&leaf});
  };
  CHECK(refused({.names = {"other.example"}}).starts_with("the certificate is for other.example"));
  CHECK(refused({.names = {"relay.example"}, .usage = test::Wish::Usage::clients})
            .ends_with(
                "it needs the extended key usage serverAuth, and a pin does not replace that"));
  CHECK(refused({.names = {"relay.example"}, .until = "20200201000000"}).find(" expired on ") !=
        std::string::npos);
  CHECK(refused({.names = {"relay.example"}, .digest = MBEDTLS_MD_SHA1}).find("SHA-1") !=
        std::string::npos);

  // limits of an authority that only the system has shown
  system.middle =
      make_certificate({.subject = "CN=Middle",
                        .authority = true,
                        .extensions = {test::limits({test::dns_name("other.example")})}},
                       &system.root);
  CHECK(
      refused({.names = {"relay.example"}}).find("\"CN=Middle\" may not vouch for relay.example") !=
      std::string::npos);
}

TEST_CASE("a chain that the system names is not believed for another leaf or without signatures") {
  System system;
  const Certificate stranger = make_certificate({.subject = "CN=Middle", .authority = true});
  const Certificate leaf = make_certificate({.names = {"relay.example"}}, &stranger);
  // the judge of this test says yes to everything
  CHECK_NE(verdict(system, {&leaf}), "");
}

TEST_CASE("lists of revoked certificates count for the system's chains too") {
  System system;
  const Certificate leaf = make_certificate({.names = {"relay.example"}}, &system.middle);
  CHECK_EQ(verdict(system, {&leaf}, nullptr, test::make_list(system.middle)), "");
  CHECK_NE(verdict(system, {&leaf}, nullptr, test::make_list(system.root)), "");
  CHECK(verdict(system, {&leaf}, nullptr, test::make_list(system.middle, {.revoked = {&leaf}}))
            .starts_with("the certificate of relay.example:443 was revoked on"));
}

}  // namespace
}  // namespace tunnel::x509
