// Authorities from files and folders, and the PEM that they are written in.
#include "x509/authorities.hpp"

#include <doctest/doctest.h>

#include "support/certificates.hpp"
#include "support/temporary_folder.hpp"
#include "x509/certificates.hpp"
#include "x509/pem.hpp"

namespace tunnel::test {
namespace {

std::size_t size_of(const x509::Certificates& certificates) {
  std::size_t n = 0;
  for (const auto* c = &certificates.chain; c != nullptr && c->version != 0; c = c->next) ++n;
  return n;
}

std::string armoured(const std::string& base64) {
  return "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n";
}

TEST_CASE("PEM is decoded like RFC 4648 section 10 says") {
  const std::pair<const char*, const char*> vectors[] = {{"Zg==", "f"},
                                                         {"Zm8=", "fo"},
                                                         {"Zm9v", "foo"},
                                                         {"Zm9vYg==", "foob"},
                                                         {"Zm9vYmE=", "fooba"},
                                                         {"Zm9vYmFy", "foobar"},
                                                         {"Zm9v\r\nYmFy\t ", "foobar"}};
  for (const auto& [text, bytes] : vectors)
    CHECK(x509::certificates_in(armoured(text)) == std::vector<std::string>{bytes});
  CHECK(x509::certificates_in(armoured("+/+/")) == std::vector<std::string>{"\xfb\xff\xbf"});
}

TEST_CASE("PEM that is not whole gives no certificate, and the next one all the same") {
  for (const char* bad : {"", "Z", "Zg", "Zg=", "Zg===", "Zm9v=", "Zm=v", "Zm9v!", "Z-9v",
                          "Zm9v\x80", "Proc-Type: 4,ENCRYPTED\n\nZm9v"}) {
    CHECK(x509::certificates_in(armoured(bad)).empty());
    CHECK(x509::certificates_in(armoured(bad) + armoured("Zm9v")).size() == 1);
  }
  CHECK(x509::certificates_in("-----BEGIN CERTIFICATE-----\nZm9v\n").empty());
  CHECK(x509::certificates_in("-----BEGIN CERTIFICATE-----\nZm9v\n-----END PRIVATE KEY-----")
            .empty());
  CHECK(x509::certificates_in("-----BEGIN PRIVATE KEY-----\nZm9v\n-----END PRIVATE KEY-----")
            .empty());
  CHECK(x509::certificates_in("-----BEGIN CERTIFICATE-----\nZm9v\n" + armoured("Zm9v")).size() ==
        1);
}

TEST_CASE("authorities that several files hold are there once") {
  const Certificate one = make_certificate({.subject = "CN=One", .authority = true});
  const Certificate two = make_certificate({.subject = "CN=Two", .authority = true});
  const TemporaryFolder folder;
  const auto bundle = folder.write("bundle.pem", "# words\n" + one.pem + two.pem + one.pem);
  const auto copy = folder.write("copy.pem", two.pem);
  const auto loaded = x509::load_authorities({bundle, copy});
  REQUIRE(loaded);
  CHECK(size_of(**loaded) == 2);
  // of a file without anything new the certificates count too
  CHECK(x509::load_authorities({copy, copy}));
}

TEST_CASE("a cache loads the same sources once, and failures again") {
  const TemporaryFolder folder;
  const auto path = folder.write("ca.pem", "nothing");
  x509::AuthorityCache cache;
  CHECK_FALSE(cache.load({{path}, {}}));
  folder.write("ca.pem", make_certificate({.subject = "CN=One", .authority = true}).pem);
  const auto first = cache.load({{path}, {}});
  const auto second = cache.load({{path}, {}});
  REQUIRE(first);
  REQUIRE(second);
  CHECK(first->get() == second->get());
  const auto third = cache.load({{path, path}, {}});
  REQUIRE(third);
  CHECK(third->get() != first->get());
}

}  // namespace
}  // namespace tunnel::test
