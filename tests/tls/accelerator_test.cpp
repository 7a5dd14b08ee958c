// A build without AWS-LC says how slow it is.
#include "tls/accelerator.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <vector>

namespace tunnel::tls {
namespace {

std::string slow(std::initializer_list<std::string_view> backends, bool has_driver) {
  return slowness_of(std::vector(backends), has_driver);
}

TEST_CASE("the slowest library of a build counts") {
  CHECK_EQ(slow({"aws-lc 5.1.0"}, true), "");
  CHECK_EQ(slow({"aws-lc 5.1.0", "ipsec-mb 1.3.0"}, true), "");
  CHECK_EQ(slow({"libsodium 1.0.18", "ipsec-mb 1.3.0"}, false),
           "slow: without AWS-LC, encryption takes up to 5 times the processor time, and a "
           "handshake takes several times as long");
  CHECK_EQ(slow({"libsodium 1.0.18", "mbedTLS 3.6.7"}, true),
           "slow: without AWS-LC, encryption takes up to 30 times the processor time");
  CHECK_EQ(slow({"ipsec-mb 1.3.0"}, false),
           "slow: without AWS-LC, a handshake takes several times as long");
}

TEST_CASE("a build says it of itself where it is so") {
  if (!handshake_accelerator().empty()) CHECK_EQ(slowness().find("handshake"), std::string::npos);
  if (handshake_accelerator().empty()) CHECK_NE(slowness().find("handshake"), std::string::npos);
}

}  // namespace
}  // namespace tunnel::tls
