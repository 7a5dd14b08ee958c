// Files as sinks of the log: continued, told by their path, and on POSIX begun again when moved
// away.
#include "os/file/log_output.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include "log/log.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::os {
namespace {

using namespace std::chrono_literals;

std::string content(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file, std::ios::binary).rdbuf();
  return out.str();
}

// A log into that file.
std::unique_ptr<Log> log_to(const std::filesystem::path& file) {
  auto sink = log_file(file);
  REQUIRE(sink.has_value());
  return std::make_unique<Log>(Log::Settings{}, std::move(*sink));
}

void say(Log& log, std::string message) {
  LogEvent event;
  event.event = "x";
  event.message = std::move(message);
  log.write(event);
  REQUIRE(log.flush(20s));
}

TEST_CASE("a log file is continued, not replaced") {
  const test::TemporaryFolder folder;
  const auto file = folder.write("a.log", "before\n");
  for (int i = 0; i < 2; ++i) {
    const auto log = log_to(file);
    say(*log, "after");
    CHECK_EQ(content(file).back(), '\n');
  }
  CHECK_EQ(content(file), "before\ninfo  after\ninfo  after\n");
}

TEST_CASE("the last lines are in the file when the log is gone") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "a.log";
  for (const char* message : {"1", "2"}) {
    LogEvent event;
    event.event = "x";
    event.message = message;
    log_to(file)->write(event);
  }
  CHECK_EQ(content(file), "info  1\ninfo  2\n");
}

TEST_CASE("a log file that cannot be opened is told with its path") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "no" / "a.log";
  const auto sink = log_file(file);
  REQUIRE_FALSE(sink.has_value());
  CHECK(sink.error().what.starts_with("cannot open the log file " + file.string() + ": "));
  CHECK_EQ(sink.error().hint, "create its folder, or choose another path");
}

TEST_CASE("a log goes on in another file, and back in the first sink") {
  const test::TemporaryFolder folder;
  const auto first = folder.path() / "first", second = folder.path() / "second";
  const auto log = log_to(first);
  say(*log, "1");
  log->change({.format = LogFormat::json}, std::move(*log_file(second)));
  say(*log, "2");
  log->change({.level = LogLevel::warn}, nullptr);
  say(*log, "not shown");
  log->change({}, nullptr);
  say(*log, "3");
  CHECK_EQ(content(first), "info  1\ninfo  3\n");
  CHECK_EQ(content(second), "{\"level\":\"info\",\"event\":\"x\",\"message\":\"2\"}\n");
}

#ifndef _WIN32
TEST_CASE("a file that was moved away or removed is begun again at the next line") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "a.log", moved = folder.path() / "a.log.1";
  const auto log = log_to(file);
  say(*log, "1");
  std::filesystem::rename(file, moved);
  say(*log, "2");
  CHECK_EQ(content(moved), "info  1\n");
  CHECK_EQ(content(file), "info  2\n");
  std::filesystem::remove(file);
  say(*log, "3");
  CHECK_EQ(content(file), "info  3\n");
  // cut short in place, as copytruncate does
  std::filesystem::resize_file(file, 0);
  say(*log, "4");
  CHECK_EQ(content(file), "info  4\n");
}

TEST_CASE("where it cannot be begun again, lines go to the one that was moved away") {
  const test::TemporaryFolder folder;
  const auto there = folder.path() / "there", gone = folder.path() / "gone";
  std::filesystem::create_directory(there);
  const auto log = log_to(there / "a.log");
  say(*log, "1");
  std::filesystem::rename(there, gone);
  say(*log, "2");
  CHECK_EQ(content(gone / "a.log"),
           "info  1\nerror the log file " + (there / "a.log").string() +
               " cannot be begun again: No such file or directory; until it can, lines go to the "
               "one that was moved away\ninfo  2\n");
  std::filesystem::create_directory(there);
  say(*log, "3");
  CHECK_EQ(content(there / "a.log"), "info  3\n");
}
#endif

}  // namespace
}  // namespace tunnel::os
