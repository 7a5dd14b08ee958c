// The words of the status line.
#include "cmd/commands/status_line.hpp"

#include <doctest/doctest.h>

namespace tunnel::cmd {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a status says what is open, and what has passed in each second") {
  CHECK_EQ(status_text({}, {}, 1s), "0 connections open, 0 B/s up, 0 B/s down");
  CHECK_EQ(status_text({1000, 5000, 1, 1}, {1999, 5'005'000, 1, 1}, 1s),
           "1 connection open, 999 B/s up, 5.0 MB/s down");
  CHECK_EQ(status_text({}, {3000, 500, 7, 2}, 2s), "2 connections open, 1.5 kB/s up, 250 B/s down");
}

TEST_CASE("two looks at once are no division by zero") {
  CHECK_EQ(status_text({}, {3000, 500, 7, 2}, 0s), "2 connections open, 0 B/s up, 0 B/s down");
}

}  // namespace
}  // namespace tunnel::cmd
