// Which names of a certificate a pattern lets in.
#include "base/name_pattern.hpp"

#include <doctest/doctest.h>

namespace tunnel {
namespace {

using Kind = PeerName::Kind;

bool lets_in(const std::string& pattern, Kind kind, const std::string& name) {
  const auto parsed = NamePattern::parse(pattern);
  REQUIRE_MESSAGE(parsed, pattern);
  return parsed->matches({kind, name});
}

struct Row {
  std::string pattern;
  Kind kind;
  std::string name;
  bool matches;
};

TEST_CASE("a pattern matches whole names of its own kind") {
  const std::string v4("\xc0\x00\x02\x07", 4);
  const std::string v6("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07", 16);
  const std::vector<Row> rows = {
      {"viewer.example", Kind::dns, "viewer.example", true},
      {"viewer.example", Kind::dns, "Viewer.EXAMPLE", true},
      {"viewer.example", Kind::dns, "viewer.example.evil", false},
      {"viewer.example", Kind::dns, "a.viewer.example", false},
      {"viewer.example", Kind::dns, "viewer.exampl", false},
      {"viewer.example", Kind::dns, "", false},
      {"viewer.example", Kind::common, "viewer.example", true},
      {"viewer.example", Kind::email, "viewer.example", false},
      {"viewer.example", Kind::uri, "viewer.example", false},
      {"*.example", Kind::dns, "a.example", true},
      {"*.example", Kind::dns, "a.b.example", false},
      {"*.example", Kind::dns, ".example", false},
      {"device-*", Kind::common, "device-0017", true},
      {"device-*", Kind::common, "device-", false},
      {"device-*", Kind::common, "device-1.evil", false},
      {"device-*", Kind::common, std::string("device-1\0", 9), false},
      {"device-*.*.example", Kind::dns, "device-1.lab.example", true},
      {"device-*.*.example", Kind::dns, "device-1.example", false},
      {"*b*c", Kind::dns, "abbxc", true},
      {"*b*c", Kind::dns, "bbc", false},  // one character at least
      {"*b*c", Kind::dns, "abxcc", true},
      {"*aab", Kind::dns, "aaaab", true},
      {"Ger\xc3\xa4t *", Kind::common, "Ger\xc3\xa4t 7", true},
      {"*@example.com", Kind::email, "first.last@example.com", true},
      {"*@example.com", Kind::email, "a@b@example.com", false},
      {"*@example.com", Kind::dns, "a@example.com", false},
      {"*@example.com", Kind::common, "a@example.com", true},
      {"spiffe://example/*", Kind::uri, "spiffe://example/device", true},
      {"spiffe://example/*", Kind::uri, "spiffe://example/device/1", false},
      {"spiffe://example/*", Kind::dns, "spiffe://example/device", false},
      {"192.0.2.7", Kind::address, v4, true},
      {"192.0.2.8", Kind::address, v4, false},
      {"192.0.2.7", Kind::address, v6, false},
      {"192.0.2.7", Kind::dns, "192.0.2.7", false},
      {"192.0.2.7", Kind::common, "192.0.2.7", true},
      {"2001:db8::7", Kind::address, v6, true},
      {"2001:db8:0::7", Kind::address, v6, true},
      {"viewer.example", Kind::address, v4, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.pattern);
    CAPTURE(row.name);
    CHECK_EQ(lets_in(row.pattern, row.kind, row.name), row.matches);
  }
}

TEST_CASE("a pattern that holds everything or nothing is refused") {
  for (const std::string text : {"*", "*.*", "*@*", "*://*", "", "a**", "a\nb", "fe80::1%eth0"}) {
    CAPTURE(text);
    CHECK_FALSE(NamePattern::parse(text));
  }
  CHECK_EQ(NamePattern::parse("*").error().what, "\"*\" lets every name in");
}

TEST_CASE("many stars do not take long") {
  std::string pattern;
  for (int i = 0; i < 2000; ++i) pattern += "a*";
  CHECK_FALSE(lets_in(pattern + "b", Kind::dns, std::string(20000, 'a')));
}

}  // namespace
}  // namespace tunnel
