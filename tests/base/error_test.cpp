// A value or a failure in words.
#include "base/error.hpp"

#include <doctest/doctest.h>

#include <memory>

namespace tunnel {
namespace {

TEST_CASE("an error's message is what happened and the next step") {
  CHECK_EQ(Error{"it broke"}.message(), "it broke");
  CHECK_EQ(Error{"it broke", "mend it"}.message(), "it broke; mend it");
}

TEST_CASE("a result is a value or an error") {
  const Result<int> good = 7;
  CHECK(good.has_value());
  CHECK(static_cast<bool>(good));
  CHECK_EQ(*good, 7);
  CHECK_EQ(good.value(), 7);

  const Result<int> bad = Error{"no", "try"};
  CHECK_FALSE(bad.has_value());
  CHECK_FALSE(static_cast<bool>(bad));
  CHECK_EQ(bad.error().what, "no");
  CHECK_EQ(bad.error().hint, "try");
}

TEST_CASE("a result that is false or zero or empty is still a value") {
  CHECK(Result<bool>(false).has_value());
  CHECK(Result<int>(0).has_value());
  CHECK(Result<std::string>(std::string()).has_value());
}

TEST_CASE("a result hands out what can only be moved") {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  CHECK_EQ(*result.value(), 7);
  const std::unique_ptr<int> taken = *std::move(result);
  CHECK_EQ(*taken, 7);
}

TEST_CASE("a result's value can be changed and reached into") {
  Result<std::string> result = std::string("a");
  *result += "b";
  CHECK_EQ(result->size(), 2);
  const Result<std::string> constant = std::string("abc");
  CHECK_EQ(constant->size(), 3);
}

}  // namespace
}  // namespace tunnel
