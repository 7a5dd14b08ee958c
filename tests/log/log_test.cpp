// Lines of the log, byte for byte.
#include "log/log.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <thread>

#include "log/service_log.hpp"
#include "support/log_event.hpp"
#include "support/log_lines.hpp"

namespace tunnel {
namespace {

TEST_CASE("a text line has level, service, connection and the story") {
  CHECK_EQ(log_line(test::some_event(), LogFormat::text, ""), "warn  vnc#7: closed by the client");
  CHECK_EQ(log_line(test::some_event(), LogFormat::text, "2026-01-31T12:00:00.000Z"),
           "2026-01-31T12:00:00.000Z warn  vnc#7: closed by the client");
  LogEvent event = test::some_event();
  event.connection = 0;
  event.level = LogLevel::error;
  CHECK_EQ(log_line(event, LogFormat::text, ""), "error vnc: closed by the client");
  event.service.clear();
  event.level = LogLevel::info;
  CHECK_EQ(log_line(event, LogFormat::text, ""), "info  closed by the client");
}

TEST_CASE("a JSON line has every field in order") {
  CHECK_EQ(log_line(test::some_event(), LogFormat::json, "2026-01-31T12:00:00.000Z"),
           R"({"time":"2026-01-31T12:00:00.000Z","level":"warn","event":"close","service":"vnc",)"
           R"("connection":7,"up":12,"duration":1.500,"peer":"127.0.0.1:5","listen":["a","b"],)"
           R"("message":"closed by the client"})");
  LogEvent event;
  event.event = "stopped";
  event.message = "stopped";
  CHECK_EQ(log_line(event, LogFormat::json, ""),
           R"({"level":"info","event":"stopped","message":"stopped"})");
}

TEST_CASE("values in JSON are of their kind at the edges too") {
  const auto value = [](LogEvent::Value v) {
    LogEvent event;
    event.event = "x";
    event.fields = {{"v", std::move(v)}};
    const std::string line = log_line(event, LogFormat::json, "");
    const auto begin = line.find("\"v\":") + 4;
    return line.substr(begin, line.rfind(",\"message\"") - begin);
  };
  CHECK_EQ(value(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  CHECK_EQ(value(0.0), "0.000");
  CHECK_EQ(value(std::numeric_limits<double>::infinity()), "null");
  CHECK_EQ(value(std::numeric_limits<double>::quiet_NaN()), "null");
  CHECK_EQ(value(std::vector<std::string>{}), "[]");
  CHECK_EQ(value(std::string()), "\"\"");
}

TEST_CASE("strings in JSON are escaped, and always UTF-8") {
  const auto shown = [](std::string text) {
    LogEvent event;
    event.event = "x";
    event.message = std::move(text);
    const std::string line = log_line(event, LogFormat::json, "");
    const auto begin = line.find("\"message\":") + 10;
    return line.substr(begin, line.size() - 1 - begin);
  };
  CHECK_EQ(shown("a\"b\\c/d"), R"("a\"b\\c/d")");
  CHECK_EQ(shown("\n\r\t\b\f"), R"("\u000a\u000d\u0009\u0008\u000c")");
  CHECK_EQ(shown(std::string("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
  CHECK_EQ(shown("gr\xc3\xbc\xc3\x9f"), "\"gr\xc3\xbc\xc3\x9f\"");
  CHECK_EQ(shown("a\xff"
                 "b"),
           R"("a\ufffdb")");
  CHECK_EQ(shown("\xff\xfe"), R"("\ufffd\ufffd")");
  CHECK_EQ(shown("\xc3"), R"("\ufffd")");
  CHECK_EQ(shown("\xc3\""), R"("\ufffd\"")");
  CHECK_EQ(shown("\xed\xa0\x80x"), R"("\ufffd\ufffd\ufffdx")");
}

TEST_CASE("strings in fields and services are escaped like the message") {
  LogEvent event;
  event.event = "x";
  event.service = "a\"";
  event.fields = {{"f", std::string("\"")}, {"l", std::vector<std::string>{"\n"}}};
  CHECK_EQ(log_line(event, LogFormat::json, ""),
           R"({"level":"info","event":"x","service":"a\"","f":"\"","l":["\u000a"],"message":""})");
}

TEST_CASE("a log shows what its level allows") {
  test::LogLines kept({.level = LogLevel::warn});
  CHECK(kept.log().shows(LogLevel::error));
  CHECK(kept.log().shows(LogLevel::warn));
  CHECK_FALSE(kept.log().shows(LogLevel::info));
  for (const auto level :
       {LogLevel::error, LogLevel::warn, LogLevel::info, LogLevel::debug, LogLevel::trace}) {
    LogEvent event;
    event.level = level;
    event.event = "x";
    event.message = std::string(name_of(level));
    kept.log().write(event);
  }
  CHECK_EQ(kept.lines(), std::vector<std::string>{"error error", "warn  warn"});
}

TEST_CASE("each verb writes a line of its level") {
  test::LogLines kept({.level = LogLevel::trace});
  kept.log().error("a", "1");
  kept.log().warn("b", "2");
  kept.log().info("c", "3");
  kept.log().debug("d", "4");
  CHECK_EQ(kept.lines(), std::vector<std::string>{"error 1", "warn  2", "info  3", "debug 4"});
}

TEST_CASE("a service's log names the service, and a connection if there is one") {
  test::LogLines kept({.level = LogLevel::debug, .format = LogFormat::json});
  const ServiceLog log(kept.log(), "vnc");
  log.error("failed", "gone", {{"peer", "192.0.2.1:1"}});
  log.of_connection(3).debug("open", "there");
  CHECK_EQ(kept.lines(),
           std::vector<std::string>{
               R"({"level":"error","event":"failed","service":"vnc","peer":"192.0.2.1:1",)"
               R"("message":"gone"})",
               R"({"level":"debug","event":"open","service":"vnc","connection":3,)"
               R"("message":"there"})"});
}

TEST_CASE("the time in a line is of UTC, to the millisecond") {
  test::LogLines kept({.time = true});
  LogEvent event;
  event.event = "x";
  event.message = "m";
  kept.log().write(event);
  std::string line = kept.lines().at(0);
  for (char& c : line)
    if (c >= '0' && c <= '9') c = '0';
  CHECK_EQ(line, "0000-00-00T00:00:00.000Z info  m");
}

TEST_CASE("lines of several threads do not mix") {
  constexpr int lines = 200;
  test::LogLines kept;
  std::vector<std::thread> threads;
  for (const char letter : {'a', 'b', 'c', 'd'})
    threads.emplace_back([&kept, letter] {
      LogEvent event;
      event.event = "x";
      event.message = std::string(100, letter);
      for (int i = 0; i < lines; ++i) kept.log().write(event);
    });
  for (std::thread& thread : threads) thread.join();
  const auto all = kept.lines();
  for (const std::string& line : all) {
    REQUIRE_EQ(line.size(), 106);
    CHECK_EQ(line, "info  " + std::string(100, line.back()));
  }
  CHECK_EQ(all.size(), 4 * lines);
}

}  // namespace
}  // namespace tunnel
