// What a suggested command may hold.
#include "base/shell_word.hpp"

#include <doctest/doctest.h>

namespace tunnel {
namespace {

TEST_CASE("plain words stay as they are") {
  for (const char* word : {"vnc.toml", "relay.example:443", "{host}::{port}", "--connect", "a_b=1"})
    CHECK_EQ(shell_word(word), word);
}

#ifndef _WIN32
TEST_CASE("what a shell would take apart, expand or run is quoted") {
  CHECK_EQ(shell_word(""), "''");
  CHECK_EQ(shell_word("my file.toml"), "'my file.toml'");
  CHECK_EQ(shell_word("a'$(x)"), "'a'\\''$(x)'");
  CHECK_EQ(shell_word("[2001:db8::1]:443"), "'[2001:db8::1]:443'");
  CHECK_EQ(shell_word("{a,b}"), "'{a,b}'");
  CHECK_EQ(shell_word("~/a"), "'~/a'");
  CHECK_EQ(shell_word("C:\\a"), "'C:\\a'");
  CHECK_EQ(shell_word("a\nb"), "'a\\nb'");
}
#endif

}  // namespace
}  // namespace tunnel
