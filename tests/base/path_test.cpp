// Text is UTF-8 on both ways, whatever the system takes narrow strings for.
#include "base/path.hpp"

#include <doctest/doctest.h>

namespace tunnel {
namespace {

TEST_CASE("names in any script are the same as text and as a path") {
  const std::string text = "Jürgen/Łódź/東京 😀.toml";
  const std::filesystem::path path = path_of(text);
  CHECK_EQ(text_of(path), text);
  CHECK_EQ(text_of(path.stem()), "東京 😀");
  CHECK(path == std::filesystem::path(u8"Jürgen") / u8"Łódź" / u8"東京 😀.toml");
}

TEST_CASE("what is shown of a path stays in one line") {
  CHECK_EQ(shown(path_of("Übersicht.log")), "Übersicht.log");
  CHECK_EQ(shown(path_of("two\nlines")), "two\\nlines");
}

#ifndef _WIN32
TEST_CASE("where names are bytes, those that are no UTF-8 stay as they are") {
  CHECK_EQ(path_of("latin1-\xfc").native(), "latin1-\xfc");
  CHECK_EQ(text_of("latin1-\xfc"), "latin1-\xfc");
}
#endif

}  // namespace
}  // namespace tunnel
