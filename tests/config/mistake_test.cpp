// What a mistake looks like in the wording of a file.
#include "config/mistake.hpp"

#include <doctest/doctest.h>

namespace tunnel::config {
namespace {

const Place place{"a.toml", 4, 11};

TEST_CASE("a mistake is printed with its place, its scope and what would be right") {
  CHECK_EQ(Mistake{place, "service \"vnc\"", "", "it is wrong", "do this"}.text(),
           "a.toml:4:11: service \"vnc\": it is wrong\n    do this");
  CHECK_EQ(Mistake{place, "", "", "it is wrong", ""}.text(), "a.toml:4:11: it is wrong");
  CHECK_EQ(Mistake{{"--connect", 0, 0}, "", "", "it is wrong", ""}.text(),
           "--connect: it is wrong");
}

TEST_CASE("a mistake is printed with its key, which an option of the same name doesn't hide") {
  CHECK_EQ(Mistake{place, "log", "level", "it is wrong", ""}.text(),
           "a.toml:4:11: log: level: it is wrong");
  CHECK_EQ(Mistake{{"--connect", 0, 0}, "service \"vnc\"", "connect", "it is wrong", ""}.text(),
           "--connect: service \"vnc\": connect: it is wrong");
}

TEST_CASE("a suggestion is a line of the file, with or without words behind it") {
  const auto suggested = [](Suggestion suggestion) {
    return Mistake{place, "", "", "no", std::move(suggestion)}.in_a_line();
  };
  CHECK_EQ(suggested(Suggestion::setting("accept", "5999")), "a.toml:4:11: no; accept = 5999");
  CHECK_EQ(suggested(Suggestion::string_setting("verify", "full", " checks both")),
           "a.toml:4:11: no; verify = \"full\" checks both");
  CHECK_EQ(suggested("[service.vnc]\n    accept = 1"),
           "a.toml:4:11: no; [service.vnc] \\n accept = 1");
}

}  // namespace
}  // namespace tunnel::config
