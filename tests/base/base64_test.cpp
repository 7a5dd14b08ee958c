// Base64, both ways.
#include "base/base64.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tunnel {
namespace {

TEST_CASE("base64 is that of RFC 4648 section 10") {
  CHECK_EQ(to_base64(""), "");
  CHECK_EQ(to_base64("f"), "Zg==");
  CHECK_EQ(to_base64("fo"), "Zm8=");
  CHECK_EQ(to_base64("foo"), "Zm9v");
  CHECK_EQ(to_base64("foob"), "Zm9vYg==");
  CHECK_EQ(to_base64("fooba"), "Zm9vYmE=");
  CHECK_EQ(to_base64("foobar"), "Zm9vYmFy");
  CHECK_EQ(to_base64(std::string("\xfb\xff\0", 3)), "+/8A");
}

TEST_CASE("base64 is read with white space, and nothing else beside its alphabet") {
  CHECK_EQ(from_base64("Zm9v\r\nYmFy").value(), "foobar");
  CHECK_EQ(from_base64("Zg==").value(), "f");
  CHECK_EQ(from_base64("").value(), "");
  for (const char* text : {"Zg", "Zg=", "Z===", "Zg==Zg==", "Zm9-", "=", "Zm9v!"}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text));
  }
}

}  // namespace
}  // namespace tunnel
