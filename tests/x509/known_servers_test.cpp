// The file of known servers: what is a line, what is damage, and many writers at once.
#include "x509/known_servers.hpp"

#include <doctest/doctest.h>

#include <thread>

#include "support/temporary_folder.hpp"

namespace tunnel::x509 {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

const std::string a_pin = "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const std::string b_pin = "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("each line is a server, but for empty ones and comments") {
  const auto read =
      parse_known_servers("# by hand\n\nRelay.example:443 " + a_pin + "\r\n[2001:db8::1]:8443 " +
                              b_pin + "\nrelay.example:443 a.example " + b_pin,
                          "known");
  REQUIRE(read);
  REQUIRE_EQ(read->size(), 3);
  CHECK_EQ(read->at(0).target, "relay.example:443");
  CHECK_EQ(read->at(0).pin, a_pin);
  CHECK_EQ(read->at(0).line, 3);
  CHECK_EQ(read->at(1).target, "[2001:db8::1]:8443");
  CHECK_EQ(read->at(2).target, "relay.example:443 a.example");
  CHECK(parse_known_servers("", "known")->empty());
}

TEST_CASE("damage is told with its line") {
  const auto why = [](const std::string& text) {
    const auto read = parse_known_servers(text, "known");
    return read ? std::string() : read.error().what;
  };
  const std::string good = "relay.example:443 " + a_pin + "\n";
  CHECK_EQ(why(good + "relay.example:444\n"),
           "known:2: \"relay.example:444\" is not a host:port and its pin, with a space between");
  CHECK_EQ(why("relay.example " + a_pin),
           "known:1: \"relay.example " + a_pin +
               "\" is not a host:port and its pin, with a space between");
  CHECK_EQ(why("relay.example:1 sha256:47DE\n"),
           "known:1: \"sha256:47DE\" is not \"sha256:\" and 32 bytes in base64");
  CHECK_EQ(why(good + "\n" + "RELAY.example:443 " + b_pin),
           "known:3: relay.example:443 is in line 1 already");
  for (const std::string& line :
       {"relay.example:443  " + a_pin, "relay.example:443\t" + a_pin, " " + good,
        "relay.example:0 " + a_pin, "relay.example:443 a b " + a_pin, a_pin,
        "relay.example:443 " + a_pin + " ", std::string("\0\0\0\0", 4), "\x1b[31mx:1 " + a_pin}) {
    CAPTURE(line);
    CHECK_FALSE(why(line).empty());
    CHECK_EQ(why(line).find('\x1b'), std::string::npos);
  }
}

TEST_CASE("what is remembered is found, and the rest of the file stays as it is") {
  const TemporaryFolder folder;
  const KnownServers servers(folder.path() / "deep" / "er" / "known_servers");
  REQUIRE(servers.find("relay.example:443"));
  CHECK_FALSE(servers.find("relay.example:443")->has_value());

  REQUIRE(servers.remember("relay.example:443", a_pin));
  REQUIRE(servers.find("Relay.Example:443")->has_value());
  CHECK_EQ((*servers.find("relay.example:443"))->pin, a_pin);
  CHECK_FALSE(servers.find("relay.example:4430")->has_value());
  CHECK_EQ(content(servers.file()), "relay.example:443 " + a_pin + "\n");
#ifndef _WIN32
  CHECK_EQ(fs::status(servers.file()).permissions(), fs::perms(0600));
  CHECK_EQ(fs::status(servers.file().parent_path()).permissions(), fs::perms(0700));
#endif
  std::ofstream(servers.file(), std::ios::app) << "# mine";
  REQUIRE(servers.remember("other.example:1", b_pin));
  REQUIRE(servers.remember("relay.example:443", a_pin));  // once is enough
  CHECK_EQ(content(servers.file()),
           "relay.example:443 " + a_pin + "\n# mine\nother.example:1 " + b_pin + "\n");
}

TEST_CASE("another key is refused with both, and the line to remove") {
  const TemporaryFolder folder;
  const KnownServers servers(folder.path() / "known_servers");
  REQUIRE(servers.remember("relay.example:443", a_pin));
  const auto again = servers.remember("relay.example:443", b_pin);
  REQUIRE_FALSE(again);
  CHECK_EQ(again.error().what, "the key of relay.example:443 has changed: it was " + a_pin +
                                   " at the first use, and is " + b_pin + " now");
  CHECK_EQ(again.error().hint,
           "somebody may be in between; if its owner says that the key is new, remove line 1 of " +
               servers.file().string());
  CHECK_EQ((*servers.find("relay.example:443"))->pin, a_pin);
}

TEST_CASE("a damaged file is neither used nor written") {
  const TemporaryFolder folder;
  const std::string damage = "relay.example:443 " + a_pin + "\nrelay.exam";
  const KnownServers servers(folder.write("known_servers", damage));
  CHECK_FALSE(servers.find("relay.example:443"));
  CHECK_FALSE(servers.remember("other.example:1", b_pin));
  CHECK_EQ(content(servers.file()), damage);
  CHECK_FALSE(KnownServers(folder.path()).find("a:1"));  // a folder

  const KnownServers huge(folder.write("huge", std::string((1 << 20) + 1, '\n')));
  CHECK_FALSE(huge.find("a:1"));
}

TEST_CASE("what would not be read back is not written") {
  const TemporaryFolder folder;
  const KnownServers servers(folder.path() / "known_servers");
  for (const std::string target : {"", "relay.example", "relay.example:443\nx:1", "x:1 a b"}) {
    CAPTURE(target);
    CHECK_FALSE(servers.remember(target, a_pin));
  }
  CHECK_FALSE(servers.remember("relay.example:443", "sha256:x"));
  CHECK_FALSE(fs::exists(servers.file()));
}

TEST_CASE("many at once lose nothing") {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "known_servers";
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&file, t] {
      const KnownServers servers(file);
      for (int i = 0; i < 5; ++i)
        CHECK(servers.remember("relay" + std::to_string(t * 5 + i) + ".example:443", a_pin));
    });
  for (std::thread& thread : threads) thread.join();
  const auto all = parse_known_servers(content(file), "known");
  REQUIRE(all);
  CHECK_EQ(all->size(), 40);
}

TEST_CASE("of two keys at once for a new server one is remembered") {
  const TemporaryFolder folder;
  const KnownServers servers(folder.path() / "known_servers");
  bool a_good = false;
  bool b_good = false;
  std::thread a([&] { a_good = servers.remember("relay.example:443", a_pin).has_value(); });
  std::thread b([&] { b_good = servers.remember("relay.example:443", b_pin).has_value(); });
  a.join();
  b.join();
  CHECK(a_good != b_good);
  CHECK_EQ((*servers.find("relay.example:443"))->pin, a_good ? a_pin : b_pin);
}

}  // namespace
}  // namespace tunnel::x509
