// Strings as TOML writes them can be read again.
#include "config/toml_string.hpp"

#include <doctest/doctest.h>

#include "config/parse.hpp"

namespace tunnel::config {
namespace {

TEST_CASE("a string takes the quotes that leave it as it is") {
  CHECK_EQ(toml_string("a:1"), "\"a:1\"");
  CHECK_EQ(toml_string("C:\\a"), "'C:\\a'");
  CHECK_EQ(toml_string("it's"), "\"it's\"");
  CHECK_EQ(toml_string("it's C:\\a"), "\"it's C:\\\\a\"");
  CHECK_EQ(toml_string("a\n"), "\"a\\u000a\"");
}

TEST_CASE("what is written can be read") {
  for (const std::string text :
       {"", "a", "\"", "'", "\\", "'\\\"", "\x01\n\t\x7f", "\u5de5\u5834"}) {
    CAPTURE(text);
    const auto parsed = parse("x = " + toml_string(text), "t.toml");
    const auto* const table = std::get_if<RawTable>(&parsed);
    REQUIRE(table != nullptr);
    CHECK_EQ(std::get<std::string>(table->at(0).value.value), text);
  }
}

TEST_CASE("backslashes that were meant as such") {
  CHECK_EQ(without_escapes("C:\\new\\table"), "C:\\new\\table");
  CHECK_EQ(without_escapes("C:\\\\new\\table"), "C:\\new\\table");
  CHECK_EQ(without_escapes("\\\\server\\new"), "\\\\server\\new");
  CHECK_EQ(without_escapes("\\\\\\\\server\\\\new"), "\\\\server\\new");
  CHECK_EQ(without_escapes("say \\\"a\\\""), "say \"a\"");
}

}  // namespace
}  // namespace tunnel::config
