// Copies of files are read like the files.
#include "os/file/file_view.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "support/temporary_folder.hpp"

namespace tunnel::os {
namespace {

namespace fs = std::filesystem;

FileView copied(const std::vector<fs::path>& paths) {
  return FileView(std::make_shared<const FileCopies>(copies_of(paths)));
}

TEST_CASE("a copy stays as it was, and other files come from disk") {
  const test::TemporaryFolder folder;
  const fs::path file = folder.write("relay.pem", "old");
  const FileView view = copied({file});
  folder.write("relay.pem", "new");
  const fs::path other = folder.write("other.pem", "on disk");
  CHECK_EQ(view.read(file), "old");
  CHECK_EQ(FileView().read(file), "new");
  CHECK_EQ(view.read(other), "on disk");
  CHECK_EQ(view.read(file, 2), std::nullopt);
  CHECK_FALSE(view.why_unreadable(file));
  fs::remove(file);
  CHECK_EQ(view.read(file), "old");
  CHECK(view.is_file(file));
}

TEST_CASE("a folder is copied with the files in it") {
  const test::TemporaryFolder folder;
  fs::create_directory(folder.path() / "ca");
  fs::create_directory(folder.path() / "ca" / "deeper");
  std::ofstream(folder.path() / "ca" / "a.pem") << "a";
  std::ofstream(folder.path() / "ca" / "b.pem") << "b";
  const FileView view = copied({folder.path() / "ca"});
  std::ofstream(folder.path() / "ca" / "late.pem") << "late";
  CHECK(view.is_folder(folder.path() / "ca"));
  std::error_code error;
  auto files = view.files_in(folder.path() / "ca", error);
  std::ranges::sort(files);
  CHECK_EQ(files, std::vector{folder.path() / "ca" / "a.pem", folder.path() / "ca" / "b.pem"});
  CHECK_EQ(view.read(files.front()), "a");
  CHECK_EQ(FileView().files_in(folder.path() / "ca", error).size(), 3);
}

TEST_CASE("what was missing is missing, even if it is there now") {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "relay.key";
  const FileView view = copied({file});
  folder.write("relay.key", "there now");
  std::error_code error;
  CHECK_EQ(view.kind(file, error), FileCopy::Kind::missing);
  CHECK_EQ(view.read(file), std::nullopt);
  const auto why = view.why_unreadable(file);
  REQUIRE(why);
  CHECK_NE(why->what.find("there is no file"), std::string::npos);
}

}  // namespace
}  // namespace tunnel::os
