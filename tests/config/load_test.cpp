// A configuration file on its way from the disk.
#include "config/load.hpp"

#include <doctest/doctest.h>

#ifndef _WIN32
#include <unistd.h>
#endif

#include "support/configuration.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::config {
namespace {

namespace fs = std::filesystem;
using test::all_texts;
using test::TemporaryFolder;

const std::string good = "[service.vnc]\nclient = true\naccept = 5999\nconnect = \"a:443\"\n";

std::string mistakes_of(const std::string& file) {
  return all_texts(load(file, {}, test::variable));
}

TEST_CASE("a file is read, and its mistakes carry its name") {
  const TemporaryFolder folder;
  CHECK_EQ(mistakes_of(folder.write("good.toml", good).string()), "");
  const std::string bad = folder.write("bad.toml", good + "bogus = 1\n").string();
  CHECK_EQ(mistakes_of(bad), bad + ":5:1: service \"vnc\": unknown key \"bogus\"\n");
}

TEST_CASE("a missing file is one mistake") {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "no.toml").string();
  CHECK_EQ(mistakes_of(file),
           file +
               ": there is no such file\n"
               "    give the path of a configuration: tunnel --config vnc.toml\n");
  CHECK_EQ(load("", {}, test::variable).mistakes.size(), 1);
}

TEST_CASE("a folder is one mistake") {
  const TemporaryFolder folder;
  const std::string path = folder.path().string();
  CHECK_EQ(mistakes_of(path), path +
                                  ": this is a folder, where a file is wanted\n"
                                  "    tunnel --config " +
                                  path + "/vnc.toml\n");
}

TEST_CASE("paths in a file are relative to the file") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "certs");
  folder.write("certs/ca.pem", "");
  const Validated result =
      load(folder.write("a.toml", good + "ca = \"certs/ca.pem\"\n").string(), {}, test::variable);
  REQUIRE_EQ(all_texts(result), "");
  CHECK_EQ(result.config.services.at(0).ca.at(0).path, folder.path() / "certs/ca.pem");
}

TEST_CASE("overrides reach a file") {
  const TemporaryFolder folder;
  const Validated result = load(folder.write("a.toml", good).string(),
                                {{"--connect", "connect", "b:1"}}, test::variable);
  REQUIRE_EQ(all_texts(result), "");
  CHECK(result.config.services.at(0).connect == test::addresses({{"b", 1}}));
}

TEST_CASE("a byte order mark is passed over") {
  const TemporaryFolder folder;
  CHECK_EQ(mistakes_of(folder.write("a.toml", "\xef\xbb\xbf" + good).string()), "");
  const std::string bad = folder
                              .write("b.toml",
                                     "\xef\xbb\xbf"
                                     "bogus = 1\n" +
                                         good)
                              .string();
  CHECK_EQ(mistakes_of(bad), bad + ":1:1: unknown key \"bogus\"\n");
}

TEST_CASE("lines may end as on Windows") {
  const TemporaryFolder folder;
  const std::string file =
      folder
          .write("a.toml", "[service.vnc]\r\nclient = true\r\naccept = 5999\r\nconnect = \"a\"\r\n")
          .string();
  CHECK_EQ(mistakes_of(file), file +
                                  ":4:11: service \"vnc\": connect: \"a\" has no port\n"
                                  "    connect = \"a:443\"\n");
}

TEST_CASE("an empty file is a file without a service") {
  const TemporaryFolder folder;
  const Validated result = load(folder.write("a.toml", "").string(), {}, test::variable);
  REQUIRE_EQ(result.mistakes.size(), 1);
  CHECK_EQ(result.mistakes[0].what, "there is no service in it");
}

#ifdef __linux__

TEST_CASE("a file that breaks off while it is read is one mistake") {
  // the system opens this one, and fails the first read
  const std::string file = "/proc/self/mem";
  CHECK_EQ(mistakes_of(file), file + ": the file cannot be read to its end\n");
}

#endif

#ifndef _WIN32

// Gives up the rights of root, who may read everything, for as long as it lives.
class WithoutRoot {
 public:
  WithoutRoot() : was_root_(geteuid() == 0) {
    if (was_root_) REQUIRE_EQ(seteuid(65534), 0);
  }
  ~WithoutRoot() {
    if (was_root_ && seteuid(0) != 0) std::abort();
  }

 private:
  bool was_root_;
};

TEST_CASE("files that may not be read are told as such") {
  const TemporaryFolder folder;
  fs::permissions(folder.path(), fs::perms::all);
  const fs::path secret = folder.write("secret", good);
  fs::permissions(secret, fs::perms::none);
  const fs::path closed = folder.path() / "closed";
  fs::create_directory(closed);
  folder.write("closed/ca.pem", "");
  fs::permissions(closed, fs::perms::none);
  const std::string with_ca =
      folder.write("a.toml", good + "ca = [\"secret\", \"closed/ca.pem\"]\n").string();
  std::string of_file, of_ca;
  {
    const WithoutRoot rights;
    of_file = mistakes_of(secret.string());
    of_ca = mistakes_of(with_ca);
  }
  fs::permissions(closed, fs::perms::all);
  const std::string next =
      "    let the user that runs tunnel read it, and enter the folders above it\n";
  CHECK_EQ(of_file, secret.string() + ": the file cannot be read: permission denied\n" + next);
  CHECK_EQ(of_ca, with_ca + ":5:7: service \"vnc\": ca: " + secret.string() +
                      " cannot be read: permission denied\n" + next + with_ca +
                      ":5:17: service \"vnc\": ca: " + (closed / "ca.pem").string() +
                      " cannot be read: permission denied\n" + next);
}

#endif

}  // namespace
}  // namespace tunnel::config
