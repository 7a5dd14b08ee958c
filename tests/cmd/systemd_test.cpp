// What the unit of a service says.
#include <doctest/doctest.h>

#include "cmd/install/service_installer.hpp"

namespace tunnel::cmd {
namespace {

std::string unit_of(const Installation& service) {
  const auto unit = ServiceInstaller::make("systemd")->preview(service);
  REQUIRE(unit);
  return *unit;
}

TEST_CASE("a home folder is hidden, unless something that the service reads lies there") {
  Installation service;
  service.name = "relay";
  service.program = "/usr/bin/tunnel";
  service.config = "/etc/tunnel/relay.toml";
  service.account = "tunnel";
  service.reads = {"/etc/tunnel/relay.key"};
  CHECK_NE(unit_of(service).find("\nProtectHome=yes\n"), std::string::npos);
  const auto opened = [](const Installation& one) {
    return unit_of(one).find("\nProtectHome=read-only\n") != std::string::npos;
  };
  for (const std::string file : {"/home/pi/relay.key", "/root/relay.pem"}) {
    Installation other = service;
    other.reads.push_back(file);
    CHECK(opened(other));
  }
  Installation other = service;
  other.config = "/home/pi/relay.toml";
  CHECK(opened(other));
  other = service;
  other.program = "/home/pi/tunnel";
  CHECK(opened(other));
}

}  // namespace
}  // namespace tunnel::cmd
