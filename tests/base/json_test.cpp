// Objects and arrays of JSON; strings and numbers are tested with the log's lines.
#include "base/json.hpp"

#include <doctest/doctest.h>

namespace tunnel {
namespace {

TEST_CASE("an object has its members in order") {
  JsonObject object;
  CHECK_EQ(object.text(), "{}");
  object.add("name", std::string("a \"b\"\n"));
  object.add("ms", 0.25);
  object.add("port", std::int64_t{443});
  object.add("works", true);
  object.add("mark", "ok");
  object.add("list", std::vector<std::string>{"x", "\xff"});
  object.add_json("inner", JsonObject().text());
  CHECK_EQ(
      object.text(),
      R"({"name":"a \"b\"\u000a","ms":0.250,"port":443,"works":true,"mark":"ok","list":["x","\ufffd"],)"
      R"("inner":{}})");
}

TEST_CASE("an array has its elements in order") {
  CHECK_EQ(json_array({}), "[]");
  CHECK_EQ(json_array({"1", "{}"}), "[1,{}]");
}

}  // namespace
}  // namespace tunnel
