// Ranges of addresses: what is read, what is refused, who is inside.
#include "config/ranges.hpp"

#include <doctest/doctest.h>

#include "base/host.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

Address address(std::string_view text) {
  const auto bytes = address_bytes(text);
  REQUIRE(bytes.has_value());
  return Address(*bytes);
}

Range good(std::string_view text) {
  CAPTURE(text);
  auto out = range(text);
  REQUIRE(out.has_value());
  return *out;
}

bool inside(std::string_view range, std::string_view host) {
  return good(range).contains(address(host));
}

TEST_CASE("a range holds what begins like it") {
  CHECK(inside("203.0.113.0/24", "203.0.113.0"));
  CHECK(inside("203.0.113.0/24", "203.0.113.255"));
  CHECK_FALSE(inside("203.0.113.0/24", "203.0.112.255"));
  CHECK_FALSE(inside("203.0.113.0/24", "203.0.114.0"));
  CHECK(inside("127.0.0.0/8", "127.255.255.255"));
  CHECK_FALSE(inside("127.0.0.0/8", "128.0.0.0"));
  CHECK(inside("192.0.2.128/25", "192.0.2.128"));
  CHECK_FALSE(inside("192.0.2.128/25", "192.0.2.127"));
  CHECK(inside("192.0.2.6/31", "192.0.2.7"));
  CHECK_FALSE(inside("192.0.2.6/31", "192.0.2.8"));
  CHECK(inside("2001:db8::/32", "2001:db8:ffff::1"));
  CHECK_FALSE(inside("2001:db8::/32", "2001:db9::"));
  CHECK(inside("2001:db8:0:8000::/49", "2001:db8:0:8000::1"));
  CHECK_FALSE(inside("2001:db8:0:8000::/49", "2001:db8:0:7fff::1"));
}

TEST_CASE("an address alone is itself and nobody else") {
  CHECK(inside("192.0.2.7", "192.0.2.7"));
  CHECK(inside("192.0.2.7/32", "192.0.2.7"));
  CHECK_FALSE(inside("192.0.2.7/32", "192.0.2.6"));
  CHECK(inside("2001:db8::7", "2001:db8::7"));
  CHECK(inside("2001:db8::7/128", "2001:db8::7"));
  CHECK_FALSE(inside("2001:db8::7/128", "2001:db8::6"));
}

TEST_CASE("/0 is a whole family, and not the other") {
  CHECK(inside("0.0.0.0/0", "255.255.255.255"));
  CHECK(inside("0.0.0.0/0", "0.0.0.0"));
  CHECK_FALSE(inside("0.0.0.0/0", "::1"));
  CHECK(inside("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
  CHECK_FALSE(inside("::/0", "127.0.0.1"));
  CHECK_FALSE(inside("::/0", "::ffff:127.0.0.1"));
}

TEST_CASE("a mapped IPv4 address is that address, in a list and at the door") {
  CHECK(inside("192.0.2.0/24", "::ffff:192.0.2.7"));
  CHECK(inside("::ffff:192.0.2.0/120", "192.0.2.7"));
  CHECK(inside("::ffff:c000:207", "192.0.2.7"));
  CHECK(inside("::ffff:0:0/96", "10.0.0.1"));
  CHECK_FALSE(inside("::ffff:0:0/96", "::1"));
  CHECK_EQ(good("::ffff:0:0/96").text(), "0.0.0.0/0");
  CHECK_EQ(good("::ffff:10.0.0.0/104").text(), "10.0.0.0/8");
  // a compatible one (deprecated by RFC 4291 section 2.5.5.1) is not
  CHECK_FALSE(inside("192.0.2.7", "::192.0.2.7"));
}

TEST_CASE("the zone of who comes is not looked at") {
  CHECK(inside("fe80::/10", "fe80::1%eth0"));
  CHECK(inside("fe80::1", "fe80::1%7"));
}

TEST_CASE("what is no range is told with one that would be right") {
  struct Bad {
    std::string text;
    std::string why;
    std::string hint;
  };
  const Bad rows[] = {
      {"", "\"\" is neither an address nor a range of addresses", "192.0.2.0/24"},
      {"office.example", "\"office.example\" is neither an address nor a range of addresses",
       "192.0.2.0/24"},
      {"10.0.0", "\"10.0.0\" is neither an address nor a range of addresses", "10.0.0.0/24"},
      {"010.0.0.1", "\"010.0.0.1\" is neither an address nor a range of addresses", "192.0.2.0/24"},
      {"10.0.0.*", "\"10.0.0.*\" is neither an address nor a range of addresses", "10.0.0.0/24"},
      {"/8", "\"/8\" is neither an address nor a range of addresses", "192.0.2.0/24"},
      {"10.0.0.1:443", "\"10.0.0.1:443\" has a port, where an address or a range is wanted",
       "10.0.0.1"},
      {"[::1]", "\"[::1]\" is more than an address or a range", "::1"},
      {"[::1]:443", "\"[::1]:443\" is more than an address or a range", "::1"},
      {"fe80::1%eth0", "\"fe80::1%eth0\" has a zone, which no address is checked for", "fe80::1"},
      {"203.0.113.7/24",
       "\"203.0.113.7/24\" goes on behind its first 24 bits, which make the range",
       "203.0.113.0/24"},
      {"203.0.113.7/31",
       "\"203.0.113.7/31\" goes on behind its first 31 bits, which make the range",
       "203.0.113.6/31"},
      {"127.0.0.1/0", "\"127.0.0.1/0\" goes on behind its first 0 bits, which make the range",
       "0.0.0.0/0"},
      {"2001:db8::1/64",
       "\"2001:db8::1/64\" goes on behind its first 64 bits, which make the range",
       "2001:db8::/64"},
      {"::ffff:10.0.0.1/104",
       "\"::ffff:10.0.0.1/104\" goes on behind its first 104 bits, which make the range",
       "10.0.0.0/8"},
      {"::ffff:0:0/95", "\"::ffff:0:0/95\" holds all mapped IPv4 addresses and more",
       "::ffff:0:0/96"},
      {"10.0.0.0/33", "\"10.0.0.0/33\" has no number from 0 to 32 behind its slash", "10.0.0.0"},
      {"::1/129", "\"::1/129\" has no number from 0 to 128 behind its slash", "::1"},
      {"10.0.0.0/", "\"10.0.0.0/\" has no number from 0 to 32 behind its slash", "10.0.0.0"},
      {"10.0.0.0/-1", "\"10.0.0.0/-1\" has no number from 0 to 32 behind its slash", "10.0.0.0"},
      {"10.0.0.0/08", "\"10.0.0.0/08\" has no number from 0 to 32 behind its slash", "10.0.0.0"},
      {"10.0.0.0/8/8", "\"10.0.0.0/8/8\" has no number from 0 to 32 behind its slash", "10.0.0.0"},
      {"10.0.0.0/4294967304", "\"10.0.0.0/4294967304\" has no number from 0 to 32 behind its slash",
       "10.0.0.0"},
      {"10.1.0.0/255.255.0.0",
       "\"10.1.0.0/255.255.0.0\" has a mask, where the number of its bits is wanted",
       "10.1.0.0/16"},
      {"10.0.0.0/255.0.255.0",
       "\"10.0.0.0/255.0.255.0\" has no number from 0 to 32 behind its slash", "10.0.0.0"},
      {"0.0.0.0", "\"0.0.0.0\" is nobody's address", "0.0.0.0/0"},
      {"::", "\"::\" is nobody's address", "::/0"},
  };
  for (const Bad& row : rows) {
    CAPTURE(row.text);
    const auto out = range(row.text);
    REQUIRE_FALSE(out.has_value());
    CHECK_EQ(out.error().what, row.why);
    CHECK_EQ(out.error().hint, row.hint);
    CHECK(range(row.hint).has_value());
  }
}

TEST_CASE("addresses are written as RFC 5952 wants them") {
  const std::string texts[] = {"0.0.0.0",
                               "192.0.2.255",
                               "::",
                               "::1",
                               "1::",
                               "2001:db8::1",
                               "fe80::1:0:0:1",
                               "1:0:2::3:0",
                               "1:2:3:4:5:6:7:8",
                               "1:0:2:3:4:5:6:7"};
  for (const std::string& text : texts) CHECK_EQ(address(text).text(), text);
  CHECK_EQ(address("2001:0DB8:0:0:1:0:0:1").text(), "2001:db8::1:0:0:1");
  CHECK_EQ(address("::ffff:192.0.2.1").text(), "192.0.2.1");
  CHECK_EQ(good("192.0.2.1/32").text(), "192.0.2.1");
  CHECK_EQ(good("192.0.2.0/24").text(), "192.0.2.0/24");
  CHECK_EQ(good("::/0").text(), "::/0");
}

TEST_CASE("only the loopback's own two addresses are loopback") {
  CHECK(address("127.0.0.1").is_loopback());
  CHECK(address("::1").is_loopback());
  CHECK(address("::ffff:127.0.0.1").is_loopback());
  CHECK_FALSE(address("127.0.0.2").is_loopback());
  CHECK_FALSE(address("::2").is_loopback());
  CHECK_FALSE(address("::7f00:1").is_loopback());
}

std::vector<Range> list(const std::vector<std::string>& texts) {
  std::vector<Range> out;
  for (const std::string& text : texts) out.push_back(good(text));
  return out;
}

TEST_CASE("ranges cover another one alone or together") {
  CHECK(covered(good("10.0.0.0/8"), list({"10.0.0.0/8"})));
  CHECK(covered(good("10.0.0.0/8"), list({"0.0.0.0/0"})));
  CHECK(covered(good("10.0.0.0/8"), list({"10.0.0.0/9", "10.128.0.0/9"})));
  CHECK(covered(good("10.0.0.0/8"), list({"10.128.0.0/9", "10.64.0.0/10", "10.0.0.0/10"})));
  CHECK_FALSE(covered(good("10.0.0.0/8"), list({"10.128.0.0/9", "10.64.0.0/10"})));
  CHECK_FALSE(covered(good("10.0.0.0/8"), list({"11.0.0.0/8"})));
  CHECK_FALSE(covered(good("10.0.0.0/8"), list({"::/0"})));
  CHECK_FALSE(covered(good("10.0.0.0/8"), {}));
  CHECK(covered(good("192.0.2.1"), list({"192.0.2.0/31"})));
  CHECK_FALSE(covered(good("192.0.2.0/31"), list({"192.0.2.1"})));
  CHECK(covered(good("::/0"), list({"8000::/1", "::/1"})));
  // two addresses as far apart as they can be: the search is not one for each address between
  CHECK_FALSE(covered(good("::/0"), list({"::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"})));
}

TEST_CASE("deny wins over allow, and an empty allow is everybody") {
  const Access nobody_said;
  CHECK_FALSE(nobody_said.limited());
  CHECK(nobody_said.admits(address("192.0.2.1")));

  const Access only{list({"192.0.2.0/24", "2001:db8::/32"}), {}};
  CHECK(only.limited());
  CHECK(only.admits(address("192.0.2.1")));
  CHECK(only.admits(address("2001:db8::1")));
  CHECK_FALSE(only.admits(address("198.51.100.1")));
  CHECK_FALSE(only.admits(address("2001:db9::1")));

  const Access but{list({"192.0.2.0/24"}), list({"192.0.2.7"})};
  CHECK(but.admits(address("192.0.2.6")));
  CHECK_FALSE(but.admits(address("192.0.2.7")));
  CHECK_FALSE(but.admits(address("::ffff:192.0.2.7")));
  REQUIRE(but.denies(address("192.0.2.7")) != nullptr);
  CHECK_EQ(but.denies(address("192.0.2.7"))->text(), "192.0.2.7");
  CHECK(but.denies(address("192.0.2.6")) == nullptr);

  const Access all_but{{}, list({"198.51.100.0/24"})};
  CHECK(all_but.limited());
  CHECK(all_but.admits(address("192.0.2.1")));
  CHECK_FALSE(all_but.admits(address("198.51.100.255")));
}

}  // namespace
}  // namespace tunnel::config
