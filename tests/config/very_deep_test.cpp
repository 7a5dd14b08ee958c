// Trees deeper than the stack.
#include <doctest/doctest.h>

#include "config/parse.hpp"

namespace tunnel::config {
namespace {

TEST_CASE("a tree that is deeper than any configuration is refused, not followed") {
  std::string dotted = "a";
  for (int i = 0; i < 200'000; ++i) dotted += ".a";
  for (const std::string& text :
       {"[" + dotted + "]", dotted + " = 1", "a = " + std::string(200'000, '['), "a = " + [] {
          std::string tables;
          for (int i = 0; i < 100'000; ++i) tables += "{a=";
          return tables;
        }()}) {
    const auto parsed = parse(text, "t.toml");
    CHECK(std::holds_alternative<Mistake>(parsed));
  }
}

}  // namespace
}  // namespace tunnel::config
