// Which names speak for which hosts.
#include "x509/names.hpp"

#include <doctest/doctest.h>

#include "base/host.hpp"
#include "support/chain.hpp"

namespace tunnel::x509 {
namespace {

TEST_CASE("distinguished names are compared part by part, whatever the case") {
  const auto same = [](const std::string& one, const std::string& other) {
    Certificates a, b;
    REQUIRE(add_certificate(a, test::der_of(test::make_certificate({.subject = one}))));
    REQUIRE(add_certificate(b, test::der_of(test::make_certificate({.subject = other}))));
    return same_name(a.chain.subject, b.chain.subject) &&
           same_name(b.chain.subject, a.chain.subject);
  };
  CHECK(same("CN=Root,O=Relay", "CN=ROOT,O=relay"));
  CHECK_FALSE(same("CN=Root,O=Relay", "CN=Root"));
  CHECK_FALSE(same("CN=Root,O=Relay", "O=Relay,CN=Root"));
  CHECK_FALSE(same("CN=Root", "O=Root"));
  CHECK_FALSE(same("CN=Root", "CN=Root2"));
}

TEST_CASE("a dNSName speaks for the host of its name, whatever the case") {
  CHECK(speaks_for("relay.example", "relay.example"));
  CHECK(speaks_for("Relay.EXAMPLE", "rELAY.example"));
  CHECK(speaks_for("localhost", "localhost"));
  CHECK(speaks_for("a_b.relay.example", "a_b.relay.example"));
  CHECK(speaks_for("xn--bcher-kva.example", "XN--BCHER-KVA.example"));
  // the final dot of the host is DNS's alone
  CHECK(speaks_for("relay.example", "relay.example."));
}

TEST_CASE("a dNSName speaks for no other host") {
  for (const char* host :
       {"", ".", "example", "relay.exampl", "relay.example.org", "a.relay.example",
        "xrelay.example", "relay.example..", ".relay.example", "relay-example", "192.0.2.7",
        "b\xc3\xbc"
        "cher.example",
        "relay.example\n"}) {
    CAPTURE(host);
    CHECK_FALSE(speaks_for("relay.example", host));
  }
}

TEST_CASE("a wildcard speaks for one whole label at the left") {
  CHECK(speaks_for("*.relay.example", "a.relay.example"));
  CHECK(speaks_for("*.relay.example", "A.Relay.Example."));
  CHECK(speaks_for("*.napter.soracom.io", "203-0-113-7.napter.soracom.io"));
  CHECK(speaks_for("*.relay.example", "xn--bcher-kva.relay.example"));
  for (const char* host :
       {"relay.example", "a.b.relay.example", ".relay.example", "*.relay.example", "arelay.example",
        "a..relay.example", "a.relay.example.org"}) {
    CAPTURE(host);
    CHECK_FALSE(speaks_for("*.relay.example", host));
  }
}

TEST_CASE("no other wildcard speaks for anybody") {
  const std::pair<const char*, const char*> pairs[] = {
      {"*", "localhost"},
      {"*", "a"},
      {"*.", "a."},
      {"*.example", "relay.example"},
      {"*.com", "example.com"},
      {"a*.relay.example", "ab.relay.example"},
      {"*a.relay.example", "ba.relay.example"},
      {"a*b.relay.example", "acb.relay.example"},
      {"**.relay.example", "a.relay.example"},
      {"*.*.example", "a.b.example"},
      {"a.*.example", "a.b.example"},
      {"relay.*", "relay.example"},
      {"xn--*.relay.example", "xn--a.relay.example"},
      {".relay.example", "a.relay.example"},
      {"*..example", "a..example"},
  };
  for (const auto& pair : pairs) {
    const auto [name, host] = pair;
    CAPTURE(pair.first);
    CHECK_FALSE(speaks_for(name, host));
  }
}

TEST_CASE("what is no host name speaks for nobody, not even for itself") {
  const std::string with_nul("relay.example\0.evil.example", 27);
  const std::string bad[] = {with_nul,
                             std::string("relay.example\0", 14),
                             "relay.example.",
                             "relay..example",
                             "-relay.example",
                             "relay-.example",
                             "relay example",
                             "b\xc3\xbc"
                             "cher.example",
                             std::string(64, 'a') + ".example",
                             ""};
  for (const std::string& name : bad) {
    CAPTURE(name);
    CHECK_FALSE(speaks_for(name, "relay.example"));
    CHECK_FALSE(speaks_for(name, name));
    CHECK_FALSE(is_host_name(name));
  }
  CHECK(is_host_name(std::string(63, 'a') + ".example"));
  std::string longest;
  while (longest.size() < 250) longest += "a.";
  longest += std::string(253 - longest.size(), 'b');
  CHECK(is_host_name(longest));
  CHECK_FALSE(is_host_name(longest + "b"));
}

}  // namespace
}  // namespace tunnel::x509
