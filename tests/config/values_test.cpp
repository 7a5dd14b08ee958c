// The small languages inside strings: what they take, what they refuse, and in which words.
#include "config/values.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "support/configuration.hpp"

namespace tunnel::config {
namespace {

using std::chrono::milliseconds;

TEST_CASE("durations have units and may be put together") {
  struct Row {
    std::string text;
    std::int64_t ms;
  };
  const std::vector<Row> rows = {
      {"0s", 0},
      {"0ms", 0},
      {"500ms", 500},
      {"30s", 30'000},
      {"30m", 1'800'000},
      {"8h", 28'800'000},
      {"7d", 604'800'000},
      {"1h30m", 5'400'000},
      {"1d2h3m4s5ms", 93'784'005},
      {"3650d", 315'360'000'000},
      {"007s", 7'000},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto value = duration(row.text);
    REQUIRE(value.has_value());
    CHECK_EQ(value->count(), row.ms);
  }
}

TEST_CASE("what is no duration is refused") {
  struct Row {
    std::string text;
    std::string what;
    std::string hint;
  };
  const std::vector<Row> rows = {
      {"", "\"\" is not a duration", "30s"},
      {"s", "\"s\" is not a duration", "30s"},
      {"-1s", "\"-1s\" is not a duration", "30s"},
      {" 1s", "\" 1s\" is not a duration", "1s"},
      {"1", "\"1\" has no unit: ms, s, m, h or d", "1s"},
      {"1h30", "\"1h30\" has no unit: ms, s, m, h or d", "1h30m"},
      {"1.5h", "\"1.5h\" has a unit that is none of ms, s, m, h, d", "1h30m"},
      {"1 s", "\"1 s\" has a unit that is none of ms, s, m, h, d", "1s"},
      {"1s ", "\"1s \" has a unit that is none of ms, s, m, h, d", "1s"},
      {"1S", "\"1S\" has a unit that is none of ms, s, m, h, d", "1s"},
      {"2w", "\"2w\" has a unit that is none of ms, s, m, h, d", "14d"},
      {"3651d", "\"3651d\" is longer than ten years", "0s"},
      {"3650d1ms", "\"3650d1ms\" is longer than ten years", "0s"},
      {"18446744073709551615ms", "\"18446744073709551615ms\" is longer than ten years", "0s"},
      {"18446744073709551615d", "\"18446744073709551615d\" is longer than ten years", "0s"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto value = duration(row.text);
    REQUIRE_FALSE(value.has_value());
    CHECK_EQ(value.error().what, row.what);
    CHECK_EQ(value.error().hint, row.hint);
  }
  CHECK_FALSE(duration("99999999999999999999s").has_value());
}

TEST_CASE("variables are put in place") {
  struct Row {
    std::string text;
    std::string value;
  };
  const std::vector<Row> rows = {
      {"", ""},
      {"plain", "plain"},
      {"${HOST}", "relay.example"},
      {"a${HOST}b${PORT}c", "arelay.exampleb41234c"},
      {"${HOST}${HOST}", "relay.examplerelay.example"},
      {"${EMPTY}", ""},
      {"$HOST", "$HOST"},
      {"{HOST}", "{HOST}"},
      {"$", "$"},
      {"$$", "$$"},
      {"$${HOST}", "${HOST}"},
      {"$${", "${"},
      {"a$${b}${PORT}", "a${b}41234"},
      {"${HOST}$${HOST}", "relay.example${HOST}"},
      {"${DOLLAR}", "${HOST}"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto value = expand_variables(row.text, test::variable);
    REQUIRE(value.has_value());
    CHECK_EQ(*value, row.value);
  }
}

TEST_CASE("variables that are not set or not closed are refused") {
  const auto unset = expand_variables("a${HOST}${NO_SUCH}", test::variable);
  REQUIRE_FALSE(unset.has_value());
  CHECK_EQ(unset.error().message(),
           "the environment variable NO_SUCH is not set; set NO_SUCH before the start, or write "
           "the value itself");
  const auto open = expand_variables("${HOST", test::variable);
  REQUIRE_FALSE(open.has_value());
  CHECK_EQ(open.error().message(), "\"${\" is not closed by \"}\"; write $${ for a literal ${");
  CHECK_FALSE(expand_variables("${}", test::variable).has_value());
}

}  // namespace
}  // namespace tunnel::config
