// Where the status may be served: on this machine, and nowhere else.
#include <doctest/doctest.h>

#include "support/configuration.hpp"

namespace tunnel::config {
namespace {

using test::all_texts;
using test::validated;

// A service that lacks nothing; the status is at line 6.
std::string with(const std::string& status) {
  return "[service.vnc]\ntls = false\naccept = 5999\nconnect = \"a:443\"\n[status]\n" + status;
}

TEST_CASE("loopback addresses and UNIX sockets") {
  CHECK_FALSE(
      validated("[service.vnc]\ntls = false\naccept = 5999\nconnect = \"a:443\"\n").config.status);
  for (const char* listen :
       {"127.0.0.1:9090", "127.3.2.1:0", "[::1]:9090", "localhost:9090", "unix:/run/tunnel.sock"}) {
    CAPTURE(listen);
    const Validated good = validated(with(std::string("listen = \"") + listen + "\""));
    CHECK_EQ(all_texts(good), "");
    REQUIRE(good.config.status);
    CHECK_EQ(good.config.status->text(), listen);
  }
  const Validated relative = validated(with("listen = \"unix:a.sock\""), {}, "folder");
  CHECK_EQ(relative.config.status->local()->path, "folder/a.sock");
}

TEST_CASE("what others could reach is a mistake, in words") {
  const auto mistakes = [](const std::string& status) {
    return all_texts(validated(with(status)));
  };
  for (const char* host : {"0.0.0.0", "192.0.2.1", "[::]", "[2001:db8::1]", "relay.example",
                           "[::ffff:127.0.0.1]", "127.0.0.1.example"}) {
    CAPTURE(host);
    const std::string text = mistakes(std::string("listen = \"") + host + ":9090\"");
    CHECK_NE(text.find("t.toml:6:10: status: listen: \""), text.npos);
    CHECK_NE(text.find("can be reached from elsewhere, and the status is for this machine alone"),
             text.npos);
    CHECK_NE(text.find("\n    listen = \"127.0.0.1:9090\"\n"), text.npos);
  }
  CHECK_EQ(mistakes("listen = \"127.0.0.1\""),
           "t.toml:6:10: status: listen: \"127.0.0.1\" has no port\n"
           "    listen = \"127.0.0.1:9090\"\n");
  CHECK_EQ(mistakes("listen = \"unix:\""),
           "t.toml:6:10: status: listen: \"unix:\" has no path\n"
           "    listen = \"unix:/run/tunnel/status.sock\"\n");
  CHECK_NE(mistakes("listen = \"unix:/" + std::string(200, 'x') + "\"").find("is longer than"),
           std::string::npos);
  CHECK_EQ(mistakes(""),
           "t.toml:5:2: status: listen is missing, so it does nothing\n"
           "    listen = \"127.0.0.1:9090\"\n");
  CHECK_NE(mistakes("listen = 9090").find("a string is needed"), std::string::npos);
  CHECK_NE(mistakes("listen = \"127.0.0.1:1\"\nlisten_on = 1").find("listen_on"),
           std::string::npos);
}

}  // namespace
}  // namespace tunnel::config
