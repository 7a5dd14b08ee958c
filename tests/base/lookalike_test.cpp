// Characters that look like ASCII.
#include "base/lookalike.hpp"

#include <doctest/doctest.h>

namespace tunnel {
namespace {

TEST_CASE("look-alikes become what was meant") {
  CHECK_EQ(with_plain_characters(""), "");
  CHECK_EQ(with_plain_characters("a\u00e4\u5de5"), "a\u00e4\u5de5");
  CHECK_EQ(with_plain_characters("\uff41\uff1a\uff14\u3000\u201cb\u201d\u2013\ufeff"),
           "a:4 \"b\"-");
  CHECK_EQ(with_plain_characters("\xff\xe2\x82"), "\xff\xe2\x82");
}

TEST_CASE("the first look-alike is named") {
  CHECK_EQ(first_lookalike("abc \u5de5"), "");
  CHECK_EQ(first_lookalike("a\uff1ab"), "\uff1a is a full-width sign");
  CHECK_EQ(first_lookalike("a\u00a0b\uff1a"), "there is a no-break space (U+00A0)");
  CHECK_EQ(first_lookalike("\u200b"), "there is an invisible character (U+200B)");
}

TEST_CASE("characters are decoded") {
  CHECK_EQ(character_at("\u00e4", 0).code, 0xe4);
  CHECK_EQ(character_at("a\u5de5", 1).code, 0x5de5);
  CHECK_EQ(character_at("\U0001f600", 0).code, 0x1f600);
  CHECK_EQ(character_at("\U0001f600", 0).size, 4);
  CHECK_EQ(character_at("\xe5\xb7", 0).size, 1);
  CHECK_EQ(character_at("\xff", 0).code, 0xff);
}

}  // namespace
}  // namespace tunnel
