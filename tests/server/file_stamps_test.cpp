// What counts as a change of a file, and when it is reported.
#include "server/file_stamps.hpp"

#include <doctest/doctest.h>

#include <chrono>

#include "support/temporary_folder.hpp"

namespace tunnel {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

// Some file systems' clocks are slower than a test.
fs::path old(const fs::path& file) {
  fs::last_write_time(file, fs::last_write_time(file) - std::chrono::hours(1));
  return file;
}

// What two looks in a row report.
Paths two_looks(FileChanges& changes, const Paths& files) {
  CHECK(changes.poll(stamps_of(files)).empty());
  return changes.poll(stamps_of(files));
}

TEST_CASE("a file that is rewritten, replaced, removed or made is a change, once") {
  const test::TemporaryFolder folder;
  const Paths files = {old(folder.write("relay.pem", "one"))};
  FileChanges changes(stamps_of(files));
  CHECK(changes.poll(stamps_of(files)).empty());
  CHECK(changes.poll(stamps_of(files)).empty());

  SUBCASE("rewritten") { folder.write("relay.pem", "two"); }
  SUBCASE("shorter, with the time kept") {
    const auto written = fs::last_write_time(files[0]);
    folder.write("relay.pem", "1");
    fs::last_write_time(files[0], written);
  }
  SUBCASE("replaced") { fs::rename(folder.write("new.pem", "two"), files[0]); }
  SUBCASE("removed, and there again") {
    fs::remove(files[0]);
    CHECK_EQ(two_looks(changes, files), files);
    folder.write("relay.pem", "one");
  }
  CHECK_EQ(two_looks(changes, files), files);
  CHECK(changes.poll(stamps_of(files)).empty());
}

TEST_CASE("a link that leads elsewhere is a change, however deep it lies") {
  const test::TemporaryFolder folder;
  for (const char* version : {"1", "2"}) fs::create_directory(folder.path() / version);
  old(folder.write("1/relay.pem", "one"));
  folder.write("2/relay.pem", "two");
  fs::create_directory_symlink("1", folder.path() / "live");
  fs::create_symlink("live/relay.pem", folder.path() / "relay.pem");
  const Paths files = {folder.path() / "relay.pem"};
  FileChanges changes(stamps_of(files));
  fs::create_directory_symlink("2", folder.path() / "next");
  fs::rename(folder.path() / "next", folder.path() / "live");
  CHECK_EQ(two_looks(changes, files), files);
}

TEST_CASE("in a folder, every file counts") {
  const test::TemporaryFolder folder;
  fs::create_directory(folder.path() / "ca");
  old(folder.write("ca/a.pem", "a"));
  const Paths files = {folder.path() / "ca"};
  FileChanges changes(stamps_of(files));
  folder.write("ca/b.pem", "b");
  CHECK_EQ(two_looks(changes, files), files);
  folder.write("ca/a.pem", "another");
  CHECK_EQ(two_looks(changes, files), files);
  fs::remove(folder.path() / "ca" / "b.pem");
  CHECK_EQ(two_looks(changes, files), files);
}

TEST_CASE("while one file changes, the others wait for it") {
  const test::TemporaryFolder folder;
  const Paths files = {old(folder.write("relay.key", "one")),
                       old(folder.write("relay.pem", "one"))};
  FileChanges changes(stamps_of(files));
  folder.write("relay.pem", "two");
  CHECK(changes.poll(stamps_of(files)).empty());
  folder.write("relay.key", "three");
  CHECK_EQ(two_looks(changes, files), files);
}

TEST_CASE("a file that is hidden is no change, and one that was is") {
  const Paths files = {"relay.pem"};
  const FileStamp seen{false, {{"relay.pem", {}, 3}}};
  FileChanges changes({{"relay.pem", seen}});
  const FileStamps hidden = {{"relay.pem", {true, {}}}};
  CHECK(changes.poll(hidden).empty());
  CHECK(changes.poll(hidden).empty());
  const FileStamps newer = {{"relay.pem", {false, {{"relay.pem", {}, 4}}}}};
  CHECK(changes.poll(newer).empty());
  CHECK_EQ(changes.poll(newer), files);
  // a pipe is read once
  CHECK(stamps_of({"/dev/null"}).at("/dev/null").hidden);
}

}  // namespace
}  // namespace tunnel
