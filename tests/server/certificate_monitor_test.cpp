// Warnings before a certificate expires: each once, and in time.
#include "server/certificate_monitor.hpp"

#include <doctest/doctest.h>

namespace tunnel {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

const std::chrono::sys_seconds end = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1);

TEST_CASE("it warns at 30, 7 and 1 days and on expiry, once each") {
  CertificateMonitor monitor("CN=relay", "relay.pem", end, true);
  CHECK_FALSE(monitor.poll(end - days(31)));
  CHECK_FALSE(monitor.poll(end - days(30) - 1s));
  for (const auto left : {days(30), days(7), days(1)}) {
    const auto warning = monitor.poll(end - left);
    REQUIRE(warning);
    CHECK_EQ(warning->level, LogLevel::warn);
    CHECK_FALSE(monitor.poll(end - left));
    CHECK_FALSE(monitor.poll(end - left + 1min));
  }
  const auto over = monitor.poll(end);
  REQUIRE(over);
  CHECK_EQ(over->level, LogLevel::error);
  CHECK_EQ(
      over->error.message(),
      "the certificate \"CN=relay\" has expired on 2026-03-01 00:00:00 UTC: no peer that verifies "
      "it accepts it; put a new one into relay.pem; tunnel picks it up automatically");
  CHECK_FALSE(monitor.poll(end + days(100)));
}

TEST_CASE("a late start warns once, with the time left, and with a reload where it takes one") {
  CertificateMonitor monitor("CN=relay", "relay.pem", end, false);
  const auto warning = monitor.poll(end - 6h);
  REQUIRE(warning);
  CHECK_EQ(warning->error.message(),
           "the certificate \"CN=relay\" ends in 6h00m, on 2026-03-01 00:00:00 UTC; put a new one "
           "into relay.pem, and reload with SIGHUP");
  CHECK_FALSE(monitor.poll(end - 5h));
}

TEST_CASE("a clock that is set back and forth repeats nothing") {
  CertificateMonitor monitor("CN=relay", "relay.pem", end, true);
  CHECK(monitor.poll(end - days(6)));
  CHECK_FALSE(monitor.poll(end - days(60)));
  CHECK_FALSE(monitor.poll(end - days(20)));
  CHECK_FALSE(monitor.poll(end - days(6)));
  CHECK(monitor.poll(end - 1h));
}

}  // namespace
}  // namespace tunnel
