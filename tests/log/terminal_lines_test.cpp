// What is written to a terminal for lines of a log and the status below them, byte for byte.
#include "log/terminal_lines.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <memory>
#include <sstream>
#include <string>

#include "support/log_lines.hpp"

namespace tunnel {
namespace {

constexpr auto info = LogLevel::info;

struct Terminal {
  std::size_t columns = 80;
  TerminalLines lines;

  explicit Terminal(bool colours = false) : lines(colours, [this] { return columns; }) {}
};

TEST_CASE("without a status a line is what it is in a file") {
  Terminal terminal;
  CHECK_EQ(terminal.lines.line(info, "info  vnc: open"), "info  vnc: open\n");
  CHECK_EQ(terminal.lines.status(""), "");
  CHECK_EQ(terminal.lines.erase(), "");
}

TEST_CASE("the cursor waits at the beginning of the status, and a line goes where it was") {
  Terminal terminal;
  CHECK_EQ(terminal.lines.status("idle"), "idle\r");
  CHECK_EQ(terminal.lines.line(info, "info  one"), "\r\x1b[K\x1b[Jinfo  one\nidle\r");
  CHECK_EQ(terminal.lines.status("busy"), "\r\x1b[K\x1b[Jbusy\r");
  CHECK_EQ(terminal.lines.status(""), "\r\x1b[K\x1b[J");
  CHECK_EQ(terminal.lines.line(info, "info  two"), "info  two\n");
}

TEST_CASE("a status that stands there already is not written again") {
  Terminal terminal;
  terminal.lines.status("idle");
  CHECK_EQ(terminal.lines.status("idle"), "");
  terminal.lines.line(info, "info  one");
  CHECK_EQ(terminal.lines.status("idle"), "");
}

TEST_CASE("a status leaves the last column free, and follows the window") {
  Terminal terminal;
  terminal.columns = 5;
  CHECK_EQ(terminal.lines.status("123456"), "1234\r");
  terminal.columns = 7;
  CHECK_EQ(terminal.lines.status("123456"), "\r\x1b[K\x1b[J123456\r");
  terminal.columns = 1;
  CHECK_EQ(terminal.lines.status("123456"), "\r\x1b[K\x1b[J");
  terminal.columns = 3;
  CHECK_EQ(terminal.lines.line(info, "info  longer than that"), "info  longer than that\n12\r");
}

TEST_CASE("in the background nothing is drawn, and nothing of the shell's is erased") {
  Terminal terminal;
  terminal.lines.status("idle");
  terminal.columns = 0;
  CHECK_EQ(terminal.lines.line(info, "info  one"), "info  one\n");
  CHECK_EQ(terminal.lines.status("busy"), "");
  CHECK_EQ(terminal.lines.erase(), "");
  terminal.columns = 80;
  CHECK_EQ(terminal.lines.status("busy"), "busy\r");
}

TEST_CASE("the level has its colour, a time before it is dim") {
  Terminal terminal(true);
  CHECK_EQ(terminal.lines.line(LogLevel::error, "error info: warn"),
           "\x1b[31merror\x1b[0m info: warn\n");
  CHECK_EQ(terminal.lines.line(LogLevel::warn, "warn  x"), "\x1b[33mwarn\x1b[0m  x\n");
  CHECK_EQ(terminal.lines.line(info, "2026-01-31T12:00:00.000Z info  x"),
           "\x1b[2m2026-01-31T12:00:00.000Z \x1b[0m\x1b[32minfo\x1b[0m  x\n");
  CHECK_EQ(terminal.lines.line(LogLevel::debug, "debug x"), "\x1b[2mdebug\x1b[0m x\n");
  CHECK_EQ(terminal.lines.status("idle"), "\x1b[2midle\x1b[0m\r");
}

LogEvent event(std::string message) { return {info, "open", "", 0, std::move(message), {}}; }

TEST_CASE("on a terminal a line begins with the time of day, unless the settings say otherwise") {
  const auto written = [](Log::Settings settings) {
    test::LogLines terminal(settings);
    terminal.log().draw_with(std::make_unique<TerminalLines>(
        false, [] { return std::size_t{80}; }, [] { return std::string("15:04:05"); }));
    terminal.log().write(event("one"));
    return terminal.text();
  };
  CHECK_EQ(written({}), "15:04:05 info  one\n");
  CHECK_EQ(written({.time_of_day = false}), "info  one\n");
  CHECK(written({.time = true}).ends_with("Z info  one\n"));
  CHECK(written({.format = LogFormat::json}).starts_with("{\"level\""));
}

TEST_CASE("a log draws its first sink alone, and text alone") {
  test::LogLines terminal, elsewhere;
  Log& log = terminal.log();
  log.draw_with(std::make_unique<TerminalLines>(false, [] { return std::size_t{80}; }));
  log.status("idle");
  log.write(event("one"));
  CHECK_EQ(terminal.text(), "idle\r\r\x1b[K\x1b[Jinfo  one\nidle\r");

  log.change({}, elsewhere.sink());
  log.status("busy");
  log.write(event("two"));
  REQUIRE(log.flush(std::chrono::seconds(20)));
  CHECK_EQ(elsewhere.text(), "info  two\n");

  log.change({.format = LogFormat::json}, nullptr);
  log.status("busy");
  CHECK_EQ(terminal.text(), "idle\r\r\x1b[K\x1b[Jinfo  one\nidle\r\r\x1b[K\x1b[J");
}

}  // namespace
}  // namespace tunnel
