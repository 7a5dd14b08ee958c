// Host names and addresses.
#include "base/host.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tunnel {
namespace {

TEST_CASE("IPv4 addresses are four decimal numbers") {
  for (const std::string text : {"0.0.0.0", "127.0.0.1", "255.255.255.255", "1.2.3.4"}) {
    CAPTURE(text);
    CHECK(is_ipv4(text));
    CHECK_FALSE(is_ipv6(text));
  }
  for (const std::string text :
       {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4 ",
        " 1.2.3.4", "1.2.3.-4", "1.2.3.+4", "a.b.c.d", "0x7f.0.0.1", "1.2.3.4.", "1.2.3.0004"}) {
    CAPTURE(text);
    CHECK_FALSE(is_ipv4(text));
  }
  // the system reads such a part as octal: 127.0.0.010 would be checked as .10 and reached as .8
  CHECK_FALSE(is_ipv4("127.0.0.010"));
}

TEST_CASE("IPv6 addresses are told from everything else") {
  for (const std::string text :
       {"::", "::1", "1::", "2001:db8::1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
        "fe80::1%eth0", "::ffff:192.0.2.1", "1:2:3:4:5:6:192.0.2.1", "ABCD:ef01::", "1::8"}) {
    CAPTURE(text);
    CHECK(is_ipv6(text));
    CHECK_FALSE(is_ipv4(text));
  }
  for (const std::string text : {"",
                                 ":",
                                 ":::",
                                 "1",
                                 "1:",
                                 ":1",
                                 "1:2:3:4:5:6:7",
                                 "1:2:3:4:5:6:7:8:9",
                                 "1::2::3",
                                 "1:::2",
                                 "12345::",
                                 "g::1",
                                 "::1:",
                                 ":1::",
                                 "::1.2.3",
                                 "::1.2.3.4:5",
                                 "1.2.3.4::",
                                 "1:2:3:4:5:6:7:1.2.3.4",
                                 "1:2:3:4::5:6:7:8:9",
                                 "%eth0",
                                 "::1 ",
                                 "[::1]",
                                 "a:443"}) {
    CAPTURE(text);
    CHECK_FALSE(is_ipv6(text));
  }
}

TEST_CASE("addresses are shown as people write them") {
  CHECK_EQ(address_text({"\xc0\0\2\7", 4}), "192.0.2.7");
  CHECK_EQ(address_text({"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7", 16}), "2001:db8::7");
  CHECK_EQ(address_text({"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16}), "::");
  CHECK_EQ(address_text({"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16}), "::1");
  CHECK_EQ(address_text({"\xfe\x80\0\0\0\1\0\0\0\0\0\0\0\2\0\0", 16}), "fe80:0:1::2:0");
  CHECK_EQ(address_text({"\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\0", 16}), "1:2:3:4:5:6:7:0");
  CHECK_EQ(address_text({"\1\2\3", 3}), "010203");
}

TEST_CASE("loopback is a whole network in IPv4, and one address in IPv6") {
  for (const char* host : {"localhost", "127.0.0.1", "127.3.2.1", "::1", "0:0:0:0:0:0:0:1"})
    CHECK_MESSAGE(is_loopback_host(host), host);
  for (const char* host : {"", "0.0.0.0", "128.0.0.1", "::", "::2", "1::1", "::ffff:127.0.0.1",
                           "localhost.example", "127.0.0.1.example", "[::1]"})
    CHECK_FALSE_MESSAGE(is_loopback_host(host), host);
}

}  // namespace
}  // namespace tunnel
