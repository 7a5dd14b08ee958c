// A watcher reports changes, and what it is told to watch instead.
#include "server/file_watcher.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <future>

#include "support/temporary_folder.hpp"

namespace tunnel {
namespace {

using namespace std::chrono_literals;
using Paths = std::vector<std::filesystem::path>;

TEST_CASE("it reports a change of what it watches last, on its own thread") {
  const test::TemporaryFolder folder;
  const Paths first = {folder.write("first.pem", "one")};
  const Paths second = {folder.write("second.pem", "one")};
  std::promise<Paths> reported;
  FileWatcher watcher;
  watcher.watch({}, {});  // nothing
  watcher.watch(stamps_of(first), [](const Paths&) { FAIL("it is not watched any more"); });
  watcher.watch(stamps_of(second), [&](const Paths& changed) { reported.set_value(changed); });
  folder.write("first.pem", "first");
  folder.write("second.pem", "second");
  auto report = reported.get_future();
  REQUIRE(report.wait_for(60s) == std::future_status::ready);
  CHECK_EQ(report.get(), second);
}

TEST_CASE("it ends at once, watching or not") {
  const test::TemporaryFolder folder;
  const auto start = std::chrono::steady_clock::now();
  for (const Paths& files : {Paths{}, Paths{folder.write("relay.pem", "one")}}) {
    FileWatcher watcher;
    watcher.watch(stamps_of(files), [](const Paths&) {});
  }
  CHECK(std::chrono::steady_clock::now() - start < 10s);
}

}  // namespace
}  // namespace tunnel
