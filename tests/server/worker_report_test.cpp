// A keeper takes a few lines from its worker, and passes nothing else on.
#include "server/worker_report.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tunnel {
namespace {

TEST_CASE("notifications are passed on to the service manager") {
  const auto ready = parse_report("READY=1\nSTATUS=2 services, 1 connection");
  CHECK(ready.ready);
  CHECK_EQ(ready.for_manager, "READY=1\nSTATUS=2 services, 1 connection");
  CHECK_EQ(parse_report("RELOADING=1\nMONOTONIC_USEC=12345\nSTATUS=x").for_manager,
           "RELOADING=1\nMONOTONIC_USEC=12345\nSTATUS=x");
  CHECK_EQ(parse_report("STOPPING=1\nEXTEND_TIMEOUT_USEC=35000000").for_manager,
           "STOPPING=1\nEXTEND_TIMEOUT_USEC=35000000");
  CHECK_EQ(parse_report("WATCHDOG=1").for_manager, "WATCHDOG=1");
}

TEST_CASE("answers are for the keeper") {
  CHECK_EQ(parse_report(taken_report).taken, true);
  CHECK_EQ(parse_report(refused_report).taken, false);
  CHECK_EQ(parse_report("READY=1").taken, std::nullopt);
  CHECK_EQ(parse_report("RELOAD=1\nTAKEN=1").for_manager, "");
}

TEST_CASE("a worker that was taken over can tell the service manager nothing else") {
  for (const std::string line :
       {"MAINPID=1", "FDSTORE=1", "FDSTOREREMOVE=1", "WATCHDOG_USEC=1", "WATCHDOG=trigger",
        "NOTIFYACCESS=all", "BARRIER=1", "ERRNO=2", "EXIT_STATUS=1", "READY=0", "READY=1 ",
        " READY=1", "MONOTONIC_USEC=", "MONOTONIC_USEC=1x", "EXTEND_TIMEOUT_USEC=-1",
        "EXTEND_TIMEOUT_USEC=123456789012345678901", "RELOAD=/etc/passwd", "", "="}) {
    CAPTURE(line);
    const auto report = parse_report(line);
    CHECK_EQ(report.for_manager, "");
    CHECK_FALSE(report.ready);
    CHECK_EQ(report.taken, std::nullopt);
  }
  CHECK_EQ(parse_report("STATUS=a\x1b[2Jb\rc").for_manager.find('\x1b'), std::string::npos);
  CHECK_EQ(parse_report("MAINPID=1\nREADY=1\nMAINPID=2").for_manager, "READY=1");
}

}  // namespace
}  // namespace tunnel
