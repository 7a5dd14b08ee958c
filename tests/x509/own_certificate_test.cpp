// What a server is told of its own certificate before its clients refuse it.
#include "x509/own_certificate.hpp"

#include <doctest/doctest.h>

#include "support/chain.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::x509 {
namespace {

using namespace std::chrono;
using test::Certificate;
using test::make_certificate;
using test::RawExtension;
using test::Wish;

const sys_seconds now = sys_days(year(2026) / 11 / 22);

struct Files {
  test::TemporaryFolder folder;

  std::string said(const std::string& pem, const std::string& name = "cert.pem") {
    const auto cert = folder.write(name, pem);
    const auto key = folder.write("own.key", "a key");
    std::filesystem::permissions(key, std::filesystem::perms::owner_read);
    std::string out;
    for (const Error& doubt : doubts_about_own(cert, key, now)) out += doubt.message() + "\n";
    std::filesystem::permissions(key, std::filesystem::perms::owner_all);
    return out;
  }
};

const std::string fetched_at = test::sequence(test::sequence(
    test::der(0x06, "\x2b\x06\x01\x05\x05\x07\x30\x02") + test::uri_name("http://ca.example/i")));
const RawExtension issuers_file = {"\x2b\x06\x01\x05\x05\x07\x01\x01", fetched_at, false};

const Certificate& root() {
  static const Certificate out = make_certificate({.subject = "CN=Root", .authority = true});
  return out;
}
const Certificate& middle() {
  static const Certificate out =
      make_certificate({.subject = "CN=Middle", .authority = true}, &root());
  return out;
}

TEST_CASE("what clients believe raises no doubt") {
  Files files;
  CHECK_EQ(files.said(make_certificate({.names = {"relay.example"}}).pem), "");
  CHECK_EQ(files.said(make_certificate({.addresses = {{192, 0, 2, 7}}}).pem), "");
  // a private authority issues without anything between
  CHECK_EQ(files.said(make_certificate({.names = {"relay.example"}}, &root()).pem), "");
  const Certificate leaf =
      make_certificate({.names = {"relay.example"}, .extensions = {issuers_file}}, &middle());
  CHECK_EQ(files.said(leaf.pem + middle().pem), "");
  CHECK_EQ(files.said("no certificate"), "");
}

TEST_CASE("names, times and uses that no client accepts are told") {
  Files files;
  const std::string no_name = files.said(make_certificate({}).pem);
  CHECK_NE(no_name.find("has no subjectAltName"), std::string::npos);
  CHECK_NE(no_name.find("pin = \"sha256:"), std::string::npos);
  const std::vector<std::string> names = {"relay.example"};
  CHECK_NE(files.said(make_certificate({.names = names, .from = "20270101000000"}).pem)
               .find("is valid only from 2027-01-01 00:00:00 UTC"),
           std::string::npos);
  CHECK_NE(files.said(make_certificate({.names = names, .key_usage = 0x20}).pem)
               .find("lacks digitalSignature"),
           std::string::npos);
}

TEST_CASE("a leaf without its chain is told, with the file that has it") {
  Files files;
  const Certificate leaf =
      make_certificate({.names = {"relay.example"}, .extensions = {issuers_file}}, &middle());
  CHECK_NE(files.said(leaf.pem).find("append the issuer's certificate to it"), std::string::npos);
  files.folder.write("chain.pem", middle().pem);
  CHECK_NE(files.said(leaf.pem).find("chain.pem to it"), std::string::npos);
  files.folder.write("fullchain.pem", leaf.pem + middle().pem);
  CHECK_NE(files.said(leaf.pem).find("fullchain.pem instead, which has the chain"),
           std::string::npos);
  // of another leaf it is of no use
  files.folder.write("fullchain.pem", root().pem + middle().pem);
  CHECK_EQ(files.said(leaf.pem).find("fullchain.pem"), std::string::npos);
}

#if !defined(_WIN32)
TEST_CASE("a private key that everybody may read is told") {
  Files files;
  const auto cert = files.folder.write("c.pem", make_certificate({.names = {"a.example"}}).pem);
  const auto key = files.folder.write("c.key", "a key");
  using std::filesystem::perms;
  std::filesystem::permissions(key, perms::owner_read | perms::others_read);
  const auto doubts = doubts_about_own(cert, key, now);
  REQUIRE_EQ(doubts.size(), 1);
  CHECK_EQ(doubts.front().hint, "chmod o-rwx " + key.string());
  std::filesystem::permissions(key, perms::owner_read | perms::group_read);
  CHECK(doubts_about_own(cert, key, now).empty());
}
#endif

}  // namespace
}  // namespace tunnel::x509
