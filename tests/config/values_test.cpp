// The small languages inside strings: what they take, what they refuse, and in which words.
#include "config/values.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "support/configuration.hpp"

namespace tunnel::config {
namespace {

using std::chrono::milliseconds;

TEST_CASE("host and port are taken apart") {
  struct Row {
    std::string text;
    HostPort value;
  };
  const std::vector<Row> rows = {
      {"relay.example:443", {"relay.example", 443}},
      {"relay.example.:443", {"relay.example.", 443}},
      {"my_device:1", {"my_device", 1}},
      {"203-0-113-7.napter.soracom.io:41234", {"203-0-113-7.napter.soracom.io", 41234}},
      {"127.0.0.1:65535", {"127.0.0.1", 65535}},
      {"[::1]:443", {"::1", 443}},
      {"[fe80::1%eth0]:443", {"fe80::1%eth0", 443}},
      {"[::ffff:192.0.2.1]:1", {"::ffff:192.0.2.1", 1}},
      {"4294967296.example:1", {"4294967296.example", 1}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto value = host_port(row.text, false);
    REQUIRE(value.has_value());
    CHECK_EQ(value->host, row.value.host);
    CHECK_EQ(value->port, row.value.port);
    // what is printed can be read again
    CHECK(*host_port(value->text(), false) == *value);
  }
  CHECK(host_port("a:0", true).has_value());
}

TEST_CASE("what is no host and port is refused with one that would be right") {
  struct Row {
    std::string text;
    std::string what;
    std::string hint;
  };
  const std::vector<Row> rows = {
      {"", "\"\" has no host", "127.0.0.1:443"},
      {":443", "\":443\" has no host", "127.0.0.1:443"},
      {"a", "\"a\" has no port", "a:443"},
      {"a:", "\"a:\" has no port", "a:443"},
      {"[::1]", "\"[::1]\" has no port", "[::1]:443"},
      {"[::1]:", "\"[::1]:\" has no port", "[::1]:443"},
      {"::1", "\"::1\" has no port, or no brackets around its IPv6 address", "[::1]:443"},
      {"[::1", "\"[::1\" opens a bracket and does not close it", "[::1]:443"},
      {"[]:1", "\"[]:1\" has no IPv6 address between its brackets", "[::1]:443"},
      {"[127.0.0.1]:1", "\"[127.0.0.1]:1\" has no IPv6 address between its brackets", "[::1]:443"},
      {"[::1]443", "\"[::1]443\" has something other than a port behind the bracket", "[::1]:443"},
      {"a:b:1", "\"a:b\" is neither a host name nor an address", "relay.example:443"},
      {"256.0.0.1:1", "\"256.0.0.1\" is neither a host name nor an address", "relay.example:443"},
      {"1.2.3:1", "\"1.2.3\" is neither a host name nor an address", "relay.example:443"},
      {"a..b:1", "\"a..b\" is neither a host name nor an address", "relay.example:443"},
      {"-a:1", "\"-a\" is neither a host name nor an address", "relay.example:443"},
      {".a:1", "\".a\" is neither a host name nor an address", "relay.example:443"},
      {"a b:1", "\"a b\" is neither a host name nor an address", "relay.example:443"},
      {"user@host:1", "\"user@host\" is neither a host name nor an address", "relay.example:443"},
      {"a:65536", "port \"65536\" is not a number from 1 to 65535", "a:443"},
      {"a:0", "port \"0\" is not a number from 1 to 65535", "a:443"},
      {"a:-1", "port \"-1\" is not a number from 1 to 65535", "a:443"},
      {"a:+1", "port \"+1\" is not a number from 1 to 65535", "a:443"},
      {"a:1 ", "port \"1 \" is not a number from 1 to 65535", "a:443"},
      {"a:0x1", "port \"0x1\" is not a number from 1 to 65535", "a:443"},
      {"a:99999999999999999999", "port \"99999999999999999999\" is not a number from 1 to 65535",
       "a:443"},
      {"a:https", "port \"https\" is not a number from 1 to 65535", "a:443"},
      {"https://a.b:8443/c", "\"https://a.b:8443/c\" is a URL, where a host and a port are wanted",
       "a.b:8443"},
      {"https://a.b/", "\"https://a.b/\" is a URL, where a host and a port are wanted",
       "relay.example:443"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto value = host_port(row.text, false);
    REQUIRE_FALSE(value.has_value());
    CHECK_EQ(value.error().what, row.what);
    CHECK_EQ(value.error().hint, row.hint);
  }
}

TEST_CASE("every hint of host_port is itself accepted") {
  for (const std::string text : {"", "a", "::1", "[::1", "a:b:1", "1.2.3:1", "a:x", "https://a/",
                                 "[::1%eth0]", "[fe80::1%a b]:x"}) {
    CAPTURE(text);
    const auto refused = host_port(text, false);
    REQUIRE_FALSE(refused.has_value());
    CHECK(host_port(refused.error().hint, false).has_value());
  }
}

TEST_CASE("a host name is at most 253 letters long") {
  std::string longest;
  while (longest.size() < 250) longest += std::string(49, 'a') + ".";
  longest += "abc";
  CHECK(host_port(longest + ":1", false).has_value());
  CHECK(host_port(longest + ".:1", false).has_value());
  CHECK_FALSE(host_port(longest + "d:1", false).has_value());
  CHECK_FALSE(host_port(std::string(64, 'a') + ":1", false).has_value());
}

TEST_CASE("a refused address is shown without bytes that a terminal obeys") {
  const auto value = host_port("a\x1b[31m\n:1", false);
  REQUIRE_FALSE(value.has_value());
  CHECK_EQ(value.error().what, "\"a\\x1b[31m\\n\" is neither a host name nor an address");
  // a zone is the name of an interface, and goes into messages as it is
  CHECK_FALSE(host_port("[fe80::1%\x1b[31m\n]:1", false).has_value());
}

TEST_CASE("durations have units and may be put together") {
  struct Row {
    std::string text;
    std::int64_t ms;
  };
  const std::vector<Row> rows = {
      {"0s", 0},
      {"0ms", 0},
      {"500ms", 500},
      {"30s", 30'000},
      {"30m", 1'800'000},
      {"8h", 28'800'000},
      {"7d", 604'800'000},
      {"1h30m", 5'400'000},
      {"1d2h3m4s5ms", 93'784'005},
      {"3650d", 315'360'000'000},
      {"007s", 7'000},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto value = duration(row.text);
    REQUIRE(value.has_value());
    CHECK_EQ(value->count(), row.ms);
  }
}

TEST_CASE("what is no duration is refused") {
  struct Row {
    std::string text;
    std::string what;
    std::string hint;
  };
  const std::vector<Row> rows = {
      {"", "\"\" is not a duration", "30s"},
      {"s", "\"s\" is not a duration", "30s"},
      {"-1s", "\"-1s\" is not a duration", "30s"},
      {" 1s", "\" 1s\" is not a duration", "30s"},
      {"1", "\"1\" has no unit: ms, s, m, h or d", "1s"},
      {"1h30", "\"1h30\" has no unit: ms, s, m, h or d", "30s"},
      {"1.5h", "\"1.5h\" has a unit that is none of ms, s, m, h, d", "1s"},
      {"1 s", "\"1 s\" has a unit that is none of ms, s, m, h, d", "1s"},
      {"1s ", "\"1s \" has a unit that is none of ms, s, m, h, d", "1s"},
      {"1S", "\"1S\" has a unit that is none of ms, s, m, h, d", "1s"},
      {"2w", "\"2w\" has a unit that is none of ms, s, m, h, d", "2s"},
      {"3651d", "\"3651d\" is longer than ten years", "0s"},
      {"3650d1ms", "\"3650d1ms\" is longer than ten years", "0s"},
      {"18446744073709551615ms", "\"18446744073709551615ms\" is longer than ten years", "0s"},
      {"18446744073709551615d", "\"18446744073709551615d\" is longer than ten years", "0s"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto value = duration(row.text);
    REQUIRE_FALSE(value.has_value());
    CHECK_EQ(value.error().what, row.what);
    CHECK_EQ(value.error().hint, row.hint);
  }
  CHECK_FALSE(duration("99999999999999999999s").has_value());
}

TEST_CASE("variables are put in place") {
  struct Row {
    std::string text;
    std::string value;
  };
  const std::vector<Row> rows = {
      {"", ""},
      {"plain", "plain"},
      {"${HOST}", "relay.example"},
      {"a${HOST}b${PORT}c", "arelay.exampleb41234c"},
      {"${HOST}${HOST}", "relay.examplerelay.example"},
      {"${EMPTY}", ""},
      {"$HOST", "$HOST"},
      {"{HOST}", "{HOST}"},
      {"$", "$"},
      {"$$", "$$"},
      {"$${HOST}", "${HOST}"},
      {"$${", "${"},
      {"a$${b}${PORT}", "a${b}41234"},
      {"${HOST}$${HOST}", "relay.example${HOST}"},
      {"${DOLLAR}", "${HOST}"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto value = expand_variables(row.text, test::variable);
    REQUIRE(value.has_value());
    CHECK_EQ(*value, row.value);
  }
}

TEST_CASE("variables that are not set or not closed are refused") {
  const auto unset = expand_variables("a${HOST}${NO_SUCH}", test::variable);
  REQUIRE_FALSE(unset.has_value());
  CHECK_EQ(unset.error().message(),
           "the environment variable NO_SUCH is not set; set NO_SUCH before the start, or write "
           "the value itself");
  const auto open = expand_variables("${HOST", test::variable);
  REQUIRE_FALSE(open.has_value());
  CHECK_EQ(open.error().message(), "\"${\" is not closed by \"}\"; write $${ for a literal ${");
  CHECK_FALSE(expand_variables("${}", test::variable).has_value());
}

TEST_CASE("a host and a port are printed with brackets where they are needed") {
  CHECK_EQ(HostPort{"a", 1}.text(), "a:1");
  CHECK_EQ(HostPort{"127.0.0.1", 65535}.text(), "127.0.0.1:65535");
  CHECK_EQ(HostPort{"::1", 443}.text(), "[::1]:443");
}

}  // namespace
}  // namespace tunnel::config
