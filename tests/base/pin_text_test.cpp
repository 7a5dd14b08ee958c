// What is a pin, and what was meant by one that is none.
#include "base/pin_text.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace tunnel {
namespace {

const std::string digest = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";  // of nothing
const std::string good = "sha256:" + digest;

TEST_CASE("a pin is taken in its one spelling") {
  const auto read = parse_pin(good);
  REQUIRE(read);
  CHECK_EQ(*read, good);
  CHECK(parse_pin("sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
  CHECK(parse_pin("sha256:" + std::string(42, '/') + "8="));
}

TEST_CASE("the pins of other programs are told in our spelling") {
  const std::string bare = digest.substr(0, 43);
  std::string of_urls = bare;
  for (char& c : of_urls) c = c == '+' ? '-' : c == '/' ? '_' : c;
  for (const std::string& text :
       {digest, bare, "sha256//" + digest, "SHA256:" + bare, "sha256:" + bare, "sha256=" + digest,
        "pin-sha256=\"" + digest + "\"", "sha256: " + digest, good + "\n", "sha256:" + of_urls,
        "SHA-256:" + digest}) {
    CAPTURE(text);
    const auto read = parse_pin(text);
    REQUIRE_FALSE(read);
    CHECK_EQ(read.error().hint, good);
  }
}

TEST_CASE("what is no pin is shown, and nothing is made up") {
  for (const std::string& text : std::vector<std::string>{
           "", "sha256:", "sha256:=", "sha1:" + digest, good.substr(0, good.size() - 5), good + "A",
           "sha256:" + digest.substr(0, 42) + "V=",  // bits behind the 256th
           "sha256:" + digest.substr(0, 42) + "==", "sha256:" + std::string(44, '='),
           "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
           "sha256:" + digest.substr(0, 20) + "!" + digest.substr(21)}) {
    CAPTURE(text);
    const auto read = parse_pin(text);
    REQUIRE_FALSE(read);
    CHECK_EQ(read.error().hint, "");
  }
  CHECK_EQ(parse_pin("a\x1b[31m").error().what,
           "\"a\\x1b[31m\" is not \"sha256:\" and 32 bytes in base64");
}

}  // namespace
}  // namespace tunnel
