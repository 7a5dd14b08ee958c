// The file that was meant.
#include "config/similar_file.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "support/configuration.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::config {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

TEST_CASE("a file is found under a name like that") {
  struct Row {
    std::string there;
    std::string missing;
    bool similar;
  };
  for (const Row& row : std::vector<Row>{
           {"vnc.toml.txt", "vnc.toml", true},
           {"VNC.toml.TXT", "vnc.toml", true},
           {"vnc.TOML", "vnc.toml", true},
           {"Vnc.toml", "vnc.toml", true},
           {"vnc.tml", "vnc.toml", true},
           {"vnc.conf", "vnc.toml", true},
           {"vnc.toml", "vnc", true},
           {"relay.toml", "realy.toml", true},
           {"relay.crt", "relay.pem", true},
           {"relay.pem", "relay.crt", true},
           {"relay.key", "relay.crt", false},
           {"relay.key", "relay.toml", false},
           {"other.toml", "vnc.toml", false},
           {"b.pem", "a.pem", false},
       }) {
    CAPTURE(row.missing);
    const TemporaryFolder folder;
    folder.write(row.there, "");
    const fs::path missing = folder.path() / row.missing;
    if (fs::exists(missing)) continue;  // where case makes no difference
    CHECK_EQ(similar_file(missing), row.similar ? row.there : "");
  }
}

TEST_CASE("without the folder there is none") {
  CHECK_EQ(similar_file("/no/such/folder/vnc.toml"), "");
  CHECK_EQ(similar_file(""), "");
}

TEST_CASE("a configuration or a file in it that isn't there is told with the one that is") {
  const TemporaryFolder folder;
  const std::string there = folder.write("vnc.toml.txt", "").string();
  const std::string missing = (folder.path() / "vnc.toml").string();
  CHECK_EQ(test::all_texts(load(missing, {}, test::variable)),
           missing + ": there is no such file, but vnc.toml.txt is there\n    tunnel --config " +
               there + ", or remove .txt from its name, which Windows hides\n");
  folder.write("ca.pem.txt", "");
  const std::string text =
      "[service.x]\nclient = true\naccept = 1\nconnect = \"a:1\"\nca = \"./ca.pem\"\n";
  const std::string mistakes = test::all_texts(test::validated(text, {}, folder.path()));
  CHECK_NE(mistakes.find("ca.pem, but ca.pem.txt is there\n    ca = \"./ca.pem.txt\"\n"),
           std::string::npos);
}

}  // namespace
}  // namespace tunnel::config
