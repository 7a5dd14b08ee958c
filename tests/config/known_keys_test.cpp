// The table of keys agrees with what is read.
#include "config/known_keys.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/configuration.hpp"

namespace tunnel::config {
namespace {

std::string mistakes_with(const KnownKey& key) {
  const std::string value(key.example.empty() ? "\"x\"" : key.example);
  const std::string setting = std::string(key.name) + " = " + value + "\n";
  const std::string table(key.table);
  return test::all_texts(test::validated(
      table == "service" ? "[service.x]\n" + setting
                         : "[service.x]\ntls = false\naccept = 1\nconnect = \"a:1\"\n[" + table +
                               "]\n" + setting));
}

TEST_CASE("each key is one, in its table, and its example is of the right type") {
  for (const KnownKey& key : known_keys()) {
    CAPTURE(key.name);
    const std::string mistakes = mistakes_with(key);
    CHECK_EQ(mistakes.find("unknown key"), mistakes.npos);
    if (!key.example.empty()) CHECK_EQ(mistakes.find(" is needed"), mistakes.npos);
  }
}

TEST_CASE("a key that takes several values takes a list") {
  for (KnownKey key : known_keys()) {
    if (key.example.empty()) continue;
    CAPTURE(key.name);
    const std::string list = "[" + std::string(key.example) + "]";
    key.example = list;
    const std::string mistakes = mistakes_with(key);
    CHECK_EQ(mistakes.find("needed, not a list") == mistakes.npos, key.list);
  }
}

}  // namespace
}  // namespace tunnel::config
