// Files that are written whole, for one user, by one at a time.
#include "os/file/private_file.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "os/file/state_folder.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::os {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST_CASE("a file is created once") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "a.key";
  REQUIRE(create_file(file, "secret", Readable::by_owner));
  CHECK_EQ(content(file), "secret");
  const auto again = create_file(file, "other", Readable::by_owner);
  REQUIRE_FALSE(again);
  CHECK_EQ(again.error().what, file.string() + " is there already");
  CHECK_EQ(content(file), "secret");
  CHECK_FALSE(create_file(folder.path() / "no" / "such" / "folder", "", Readable::by_all));
#ifndef _WIN32
  CHECK_EQ(fs::status(file).permissions(), fs::perms(0600));
  fs::create_symlink(folder.path() / "target", folder.path() / "link");
  CHECK_FALSE(create_file(folder.path() / "link", "x", Readable::by_all));
  CHECK_FALSE(fs::exists(folder.path() / "target"));
#endif
}

TEST_CASE("a file is replaced whole, and nothing is left beside it") {
  const TemporaryFolder folder;
  const fs::path file = folder.write("known", "old");
  REQUIRE(replace_file(file, "new"));
  CHECK_EQ(content(file), "new");
  REQUIRE(replace_file(folder.path() / "fresh", "new"));
  CHECK_EQ(entries(folder.path()), 2);
#ifndef _WIN32
  CHECK_EQ(fs::status(file).permissions(), fs::perms(0600));
#endif
  fs::create_directory(folder.path() / "folder");
  std::ofstream(folder.path() / "folder" / "x") << "x";
  CHECK_FALSE(replace_file(folder.path() / "folder", "new"));
  CHECK_EQ(entries(folder.path()), 3);
}

TEST_CASE("folders are made, and whether they could be is known before") {
  const TemporaryFolder folder;
  const fs::path deep = folder.path() / "a" / "b" / "c";
  CHECK(can_create_in(deep));
  CHECK_FALSE(fs::exists(folder.path() / "a"));
  REQUIRE(make_folder(deep));
  REQUIRE(make_folder(deep));
  CHECK(fs::is_directory(deep));
  folder.write("file", "");
  CHECK_FALSE(make_folder(folder.path() / "file" / "a"));
#ifndef _WIN32
  CHECK_EQ(fs::status(deep).permissions(), fs::perms(0700));
  CHECK_FALSE(can_create_in(folder.path() / "file" / "a"));
#endif
}

TEST_CASE("a lock is held by one at a time, in one process too") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "lock";
  {
    const auto first = FileLock::acquire(file, std::chrono::milliseconds(0));
    REQUIRE(first);
    const auto second = FileLock::acquire(file, std::chrono::milliseconds(20));
    REQUIRE_FALSE(second);
    CHECK_EQ(second.error().what, file.string() + " is held by another program");
  }
  CHECK(FileLock::acquire(file, std::chrono::milliseconds(0)));
}

TEST_CASE("a lock that is let go of is taken by whoever waits") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "lock";
  std::atomic<int> inside = 0;  // sanitizers do not know that the lock orders the threads
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) {
        const auto lock = FileLock::acquire(file, std::chrono::seconds(60));
        CHECK(lock);
        CHECK_EQ(++inside, 1);
        --inside;
      }
    });
  for (std::thread& thread : threads) thread.join();
}

#ifndef _WIN32
TEST_CASE("whether others may read a file") {
  const TemporaryFolder folder;
  const fs::path file = folder.write("password", "x");
  for (const auto& [mode, open] :
       {std::pair{0600, false}, std::pair{0640, false}, std::pair{0604, true}}) {
    fs::permissions(file, fs::perms(mode));
    CHECK_EQ(others_can_read(file), open);
  }
  CHECK_FALSE(others_can_read(folder.path() / "absent"));
  CHECK_FALSE(others_can_read("/dev/null"));
}

TEST_CASE("the state folder follows the environment") {
  const char* const home = std::getenv("HOME");
  const std::string before = home != nullptr ? home : "";
  setenv("HOME", "/home/somebody", 1);
  unsetenv("XDG_STATE_HOME");
#ifdef __APPLE__
  CHECK_EQ(*state_folder(), fs::path("/home/somebody/Library/Application Support/tunnel"));
#else
  CHECK_EQ(*state_folder(), fs::path("/home/somebody/.local/state/tunnel"));
  setenv("XDG_STATE_HOME", "relative", 1);
  CHECK_EQ(*state_folder(), fs::path("/home/somebody/.local/state/tunnel"));
  setenv("XDG_STATE_HOME", "/var/state", 1);
  CHECK_EQ(*state_folder(), fs::path("/var/state/tunnel"));
#endif
  unsetenv("XDG_STATE_HOME");
  setenv("HOME", before.c_str(), 1);
}
#endif

}  // namespace
}  // namespace tunnel::os
