// "unix:path" and "systemd:name".
#include <doctest/doctest.h>

#include <string>

#include "config/values.hpp"

namespace tunnel::config {
namespace {

TEST_CASE("what begins with neither is somebody else's") {
  CHECK_FALSE(local_address("relay.example:443", "").has_value());
  CHECK_FALSE(local_address("", "").has_value());
  CHECK_FALSE(local_address("UNIX:a", "").has_value());
}

TEST_CASE("a path is relative to the folder of the file") {
  for (const auto& [value, folder, path] : {std::tuple{"unix:a.sock", "", "a.sock"},
                                            {"unix:a.sock", "/etc/tunnel", "/etc/tunnel/a.sock"},
                                            {"unix:/run/a.sock", "/etc/tunnel", "/run/a.sock"},
                                            {"unix:./x/../a.sock", "conf", "conf/a.sock"}}) {
    const std::string text = value;
    CAPTURE(text);
    const auto read = local_address(text, folder);
    REQUIRE(read.has_value());
    REQUIRE(read->has_value());
    CHECK_EQ((*read)->path, path);
    CHECK_EQ((*read)->text(), std::string("unix:") + path);
    CHECK_FALSE((*read)->is_tcp());
  }
}

TEST_CASE("a path that no socket can have") {
  for (const std::string& text : {std::string("unix:"), "unix:" + std::string(104, 'x'),
                                  std::string("unix:/run/"), std::string("unix:a\0b", 8)}) {
    CAPTURE(text);
    const auto read = local_address(text, "");
    REQUIRE(read.has_value());
    REQUIRE_FALSE(read->has_value());
    // what is suggested would be right
    const auto hint = local_address(read->error().hint, "");
    REQUIRE(hint.has_value());
    CHECK(hint->has_value());
  }
  CHECK(local_address("unix:" + std::string(103, 'x'), "")->has_value());
  CHECK_FALSE(local_address("unix:" + std::string(100, 'x'), "/etc")->has_value());
}

TEST_CASE("the name of a socket is as FileDescriptorName= takes it") {
  const auto read = local_address("systemd:relay-1.socket", "/etc");
  REQUIRE(read.has_value());
  REQUIRE(read->has_value());
  CHECK_EQ((*read)->inherited, "relay-1.socket");
  CHECK_EQ((*read)->text(), "systemd:relay-1.socket");
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string("a:b"), std::string("a\n"),
        std::string("\xc3\xa4"), std::string(256, 'x')})
    CHECK_FALSE(local_address("systemd:" + name, "")->has_value());
}

}  // namespace
}  // namespace tunnel::config
