// Reading whole files.
#include "base/file.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/temporary_folder.hpp"

namespace tunnel {
namespace {

TEST_CASE("a file is read byte for byte, up to a limit") {
  const test::TemporaryFolder folder;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{4096}, std::size_t{200'000}}) {
    std::string content(size, '\0');
    for (std::size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 7);
    const auto path = folder.write("file", content);
    CHECK_EQ(read_file(path).value(), content);
    CHECK_EQ(read_file(path, size).value(), content);
    if (size > 0) CHECK_FALSE(read_file(path, size - 1));
  }
}

TEST_CASE("what is not there, or a folder, is not read") {
  const test::TemporaryFolder folder;
  CHECK_FALSE(read_file(folder.path() / "missing"));
  CHECK_FALSE(read_file(folder.path()));
}

TEST_CASE("why a file is not read is said with the next step") {
  const test::TemporaryFolder folder;
  const auto missing = folder.path() / "missing";
  CHECK_EQ(why_unreadable(missing).message(),
           "there is no file " + missing.string() + "; put it there, or name another");
  CHECK_EQ(permission_denied("relay.key").message(),
           "relay.key cannot be read: permission denied; let the user that runs tunnel read it, "
           "and enter the folders above it");
}

#if defined(__linux__)
TEST_CASE("a file without a size is read to its end") {
  const auto text = read_file("/proc/self/cmdline");
  REQUIRE(text);
  CHECK_FALSE(text->empty());
}
#endif

}  // namespace
}  // namespace tunnel
