// Text that is no TOML: refused with its place, whatever the library underneath thinks of it.
#include "config/parse.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace tunnel::config {
namespace {

struct Refused {
  std::string text;
  std::uint32_t line;
};

TEST_CASE("what is not TOML is refused") {
  const std::vector<Refused> rows = {
      {"[", 1},
      {"[\n", 1},
      {"[#", 1},
      {"[=", 1},
      {"[.", 1},
      {"[ =", 1},
      {"[{", 1},
      {"[\xc3\xbc]", 1},
      {"[a.\xc3\xbc]", 1},
      {std::string("[\0]", 3), 1},
      {"[\x01]", 1},
      {"[]", 1},
      {"[[]]", 1},
      {"[a", 1},
      {"[a.]", 1},
      {"\xc3\xbc = 1", 1},
      {"a = \xc3\xbc", 1},
      {"a = 1 \xc3\xa9", 1},
      {"a = [1, \xc3\xa9]", 1},
      {"a = {b = \xc3\xa9}", 1},
      {"\na", 2},
      {"\n\na = ", 3},
      {"a = 1\na = 2", 2},
      {"a = 1\n[a]", 2},
      {"a = [1, 2\nb = 3", 1},
      {"a = \"\n\"", 1},
      {"a = 1e400000000000", 1},
      {"a = 9223372036854775808", 1},
      {"a = 07", 1},
      {"a = 2026-13-01", 1},
      {std::string("a = \"\0\"", 7), 1},
  };
  for (const Refused& row : rows) {
    CAPTURE(row.text);
    const auto parsed = parse(row.text, "t.toml");
    const Mistake* const mistake = std::get_if<Mistake>(&parsed);
    REQUIRE(mistake != nullptr);
    CHECK_EQ(mistake->place.line, row.line);
    CHECK_GT(mistake->place.column, 0);
    CHECK(mistake->what.starts_with("not TOML: "));
    CHECK_EQ(mistake->what.find('\n'), std::string::npos);
  }
}

TEST_CASE("values keep their order, kind and place") {
  const auto parsed =
      parse("z = 1\na = [true, 'x', 1.5, {b = 07:00:00}]\n[m]\nd = 2026-01-31\n", "t.toml");
  const RawTable* const table = std::get_if<RawTable>(&parsed);
  REQUIRE(table != nullptr);
  REQUIRE_EQ(table->size(), 3);
  CHECK_EQ((*table)[0].key, "z");
  CHECK_EQ((*table)[0].value.kind(), "a whole number");
  CHECK_EQ((*table)[0].value.place.column, 5);
  CHECK_EQ((*table)[1].key, "a");
  const auto* const list = std::get_if<RawList>(&(*table)[1].value.value);
  REQUIRE(list != nullptr);
  REQUIRE_EQ(list->size(), 4);
  CHECK_EQ((*list)[0].kind(), "true or false");
  CHECK_EQ((*list)[1].kind(), "a string");
  CHECK_EQ((*list)[1].place.line, 2);
  CHECK_EQ((*list)[1].place.column, 12);
  CHECK_EQ((*list)[2].kind(), "a fraction");
  CHECK_EQ((*list)[3].kind(), "a table");
  CHECK_EQ((*table)[2].key, "m");
  CHECK_EQ((*table)[2].value.kind(), "a table");
  CHECK_EQ(std::get<RawTable>((*table)[2].value.value).at(0).value.kind(), "a date");
}

}  // namespace
}  // namespace tunnel::config
