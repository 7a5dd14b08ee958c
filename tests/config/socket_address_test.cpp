// Each kind of address: what is read, what is refused, and what is printed.
#include "config/socket_address.hpp"

#include <doctest/doctest.h>

#include <string>
#include <tuple>
#include <vector>

namespace tunnel::config {
namespace {

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
      {"[]:1", "\"[]:1\" has no IPv6 address between its brackets", "[::1]:1"},
      {"[127.0.0.1]:1", "\"[127.0.0.1]:1\" has no IPv6 address between its brackets",
       "127.0.0.1:1"},
      {"[::1]443", "\"[::1]443\" has something other than a port behind the bracket", "[::1]:443"},
      {"a:b:1", "\"a:b\" is neither a host name nor an address", "relay.example:1"},
      {"256.0.0.1:1", "\"256.0.0.1\" is neither a host name nor an address", "relay.example:1"},
      {"1.2.3:1", "\"1.2.3\" is neither a host name nor an address", "relay.example:1"},
      {"a..b:1", "\"a..b\" is neither a host name nor an address", "relay.example:1"},
      {"-a:1", "\"-a\" is neither a host name nor an address", "relay.example:1"},
      {".a:1", "\".a\" is neither a host name nor an address", "relay.example:1"},
      {"a b:1", "\"a b\" is neither a host name nor an address", "relay.example:1"},
      {"user@host:1", "\"user@host\" is neither a host name nor an address", "host:1"},
      {"a:65536", "port \"65536\" is not a number from 1 to 65535", "a:443"},
      {"a:0", "port \"0\" is not a number from 1 to 65535", "a:443"},
      {"a:-1", "port \"-1\" is not a number from 1 to 65535", "a:443"},
      {"a:+1", "port \"+1\" is not a number from 1 to 65535", "a:443"},
      {"a:1 ", "port \"1 \" is not a number from 1 to 65535", "a:1"},
      {"a:0x1", "port \"0x1\" is not a number from 1 to 65535", "a:443"},
      {"a:99999999999999999999", "port \"99999999999999999999\" is not a number from 1 to 65535",
       "a:443"},
      {"a:https", "port \"https\" is not a number from 1 to 65535", "a:443"},
      {"https://a.b:8443/c", "\"https://a.b:8443/c\" is a URL, where a host and a port are wanted",
       "a.b:8443"},
      {"https://a.b/", "\"https://a.b/\" is a URL, where a host and a port are wanted", "a.b:443"},
      {"https://a.b?c", "\"https://a.b?c\" is a URL, where a host and a port are wanted",
       "a.b:443"},
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

TEST_CASE("a host and a port are printed with brackets where they are needed") {
  CHECK_EQ(HostPort{"a", 1}.text(), "a:1");
  CHECK_EQ(HostPort{"127.0.0.1", 65535}.text(), "127.0.0.1:65535");
  CHECK_EQ(HostPort{"::1", 443}.text(), "[::1]:443");
}

TEST_CASE("what begins with neither prefix is a host and a port") {
  const auto read = read_address("relay.example:443", "", false);
  REQUIRE(read.has_value());
  REQUIRE(read->tcp() != nullptr);
  CHECK_EQ(read->tcp()->host, "relay.example");
  CHECK_EQ(read->local(), nullptr);
  CHECK_EQ(read->inherited(), nullptr);
  CHECK_FALSE(read_address("", "", false).has_value());
  CHECK_FALSE(read_address("UNIX:a", "", false).has_value());
  CHECK_FALSE(read_address("a:0", "", false).has_value());
  CHECK(read_address("a:0", "", true).has_value());
}

TEST_CASE("a path is relative to the folder of the file") {
  for (const auto& [value, folder, path] : {std::tuple{"unix:a.sock", "", "a.sock"},
                                            {"unix:a.sock", "/etc/tunnel", "/etc/tunnel/a.sock"},
                                            {"unix:/run/a.sock", "/etc/tunnel", "/run/a.sock"},
                                            {"unix:./x/../a.sock", "conf", "conf/a.sock"}}) {
    const std::string text = value;
    CAPTURE(text);
    const auto read = read_address(text, folder, false);
    REQUIRE(read.has_value());
    REQUIRE(read->local() != nullptr);
    CHECK_EQ(read->local()->path, path);
    CHECK_EQ(read->text(), std::string("unix:") + path);
    CHECK_EQ(read->tcp(), nullptr);
  }
}

TEST_CASE("a path that no socket can have") {
  for (const std::string& text : {std::string("unix:"), "unix:" + std::string(104, 'x'),
                                  std::string("unix:/run/"), std::string("unix:a\0b", 8)}) {
    CAPTURE(text);
    const auto read = read_address(text, "", false);
    REQUIRE_FALSE(read.has_value());
    // what is suggested would be right
    const auto hint = read_address(read.error().hint, "", false);
    CHECK(hint.has_value());
  }
  CHECK(read_address("unix:" + std::string(103, 'x'), "", false).has_value());
  CHECK_FALSE(read_address("unix:" + std::string(100, 'x'), "/etc", false).has_value());
}

TEST_CASE("the name of a socket is as FileDescriptorName= takes it") {
  const auto read = read_address("systemd:relay-1.socket", "/etc", false);
  REQUIRE(read.has_value());
  REQUIRE(read->inherited() != nullptr);
  CHECK_EQ(read->inherited()->name, "relay-1.socket");
  CHECK_EQ(read->text(), "systemd:relay-1.socket");
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string("a:b"), std::string("a\n"),
        std::string("\xc3\xa4"), std::string(256, 'x')})
    CHECK_FALSE(read_address("systemd:" + name, "", false).has_value());
}

}  // namespace
}  // namespace tunnel::config
