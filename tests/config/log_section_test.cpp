// Where the log may go.
#include <doctest/doctest.h>

#include "support/configuration.hpp"

namespace tunnel::config {
namespace {

using test::all_texts;
using test::validated;

// A service that lacks nothing; the first key of the log is at line 6.
std::string with(const std::string& log) {
  return "[service.vnc]\ntls = false\naccept = 5999\nconnect = \"a:443\"\n[log]\n" + log;
}

TEST_CASE("syslog is a UNIX socket or a server") {
  CHECK_FALSE(validated(with("")).config.log.syslog);
  for (const char* to :
       {"unix:/dev/log", "192.0.2.1:514", "[2001:db8::1]:514", "logs.example:6514"}) {
    CAPTURE(to);
    const Validated good = validated(with(std::string("syslog = \"") + to + "\""));
    CHECK_EQ(all_texts(good), "");
    REQUIRE(good.config.log.syslog);
    CHECK_EQ(good.config.log.syslog->text(), to);
    CHECK_FALSE(good.config.log.settings.time);
  }
  const Validated relative = validated(with("syslog = \"unix:a.sock\""), {}, "folder");
  CHECK_EQ(relative.config.log.syslog->local()->path, "folder/a.sock");
  CHECK_EQ(all_texts(validated(with("syslog = \"unix:/dev/log\"\nformat = \"json\"\n"))), "");
}

TEST_CASE("what is no place for syslog suggests one") {
  struct Row {
    const char* value;
    const char* what;
    const char* meant;
  };
  for (const Row& row : {
           Row{"logs.example", "\"logs.example\" has no port", "logs.example:514"},
           Row{"192.0.2.1", "\"192.0.2.1\" has no port", "192.0.2.1:514"},
           Row{"2001:db8::1", "has no port, or no brackets", "[2001:db8::1]:514"},
           Row{"udp://logs.example:5140", "is a URL", "logs.example:5140"},
           Row{"/dev/log", "a UNIX socket begins with unix:", "unix:/dev/log"},
           Row{"unix:", "\"unix:\" has no path", "unix:/dev/log"},
           Row{"yes", "has no port", "unix:/dev/log"},
           Row{"journald", "has no port", "unix:/dev/log"},
           Row{"systemd:log", "systemd passes sockets for services", "unix:/dev/log"},
           Row{"logs.example:0", "is not a number from 1 to 65535", "logs.example:514"},
       }) {
    CAPTURE(row.value);
    const std::string text =
        all_texts(validated(with(std::string("syslog = \"") + row.value + "\"")));
    CAPTURE(text);
    CHECK(text.starts_with("t.toml:6:10: log: syslog: "));
    CHECK_NE(text.find(row.what), text.npos);
    CHECK(text.ends_with(std::string("\n    syslog = \"") + row.meant + "\"\n"));
  }
  CHECK_EQ(all_texts(validated(with("syslog = true"))),
           "t.toml:6:10: log: syslog: a string is needed, not true or false\n"
           "    syslog = \"unix:/dev/log\"\n");
}

TEST_CASE("keys that syslog leaves nothing to do are mistakes") {
  CHECK_EQ(all_texts(validated(with("file = \"a.log\"\nsyslog = \"unix:/dev/log\""))),
           "t.toml:7:10: log: syslog: the log goes to one place, and file names another\n"
           "    remove one of them\n");
  CHECK_EQ(all_texts(validated(with("time = true\nsyslog = \"unix:/dev/log\""))),
           "t.toml:6:8: log: time: each message of syslog has a time already\n"
           "    remove it\n");
}

TEST_CASE("a service's key syslog names the one of the log") {
  CHECK_NE(all_texts(validated("[service.vnc]\nsyslog = \"yes\"\ntls = false\naccept = 5999\n"
                               "connect = \"a:443\"\n"))
               .find("log"),
           std::string::npos);
}

}  // namespace
}  // namespace tunnel::config
