// Lines that a message suggests are pasted into files, so each must be right where it stands.
#include <doctest/doctest.h>

#include <ctime>

#include "support/configuration.hpp"
#include "support/suggestion.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::config {
namespace {

using test::all_texts;
using test::TemporaryFolder;
using test::validated;

const std::string client_head = "[service.vnc]\nclient = true\n";
const std::string client = client_head + "accept = 5999\nconnect = \"relay.example:443\"\n";
const std::string server = "[service.vnc]\naccept = 41234\nconnect = \"127.0.0.1:5900\"\n";

struct Row {
  std::string line;
  std::string right;
};

void check_rows(const std::string& head, const std::vector<Row>& rows,
                const std::filesystem::path& folder = {}) {
  for (const Row& row : rows) {
    CAPTURE(row.line);
    const std::string right = test::only_suggestion(head + row.line + "\n", folder);
    CHECK_EQ(right, row.right);
    const bool below_header = row.line.starts_with('[');
    const std::string header = below_header ? row.line.substr(0, row.line.find('\n') + 1) : "";
    CHECK_EQ(all_texts(validated(head + header + right + "\n", {}, folder)), "");
  }
}

TEST_CASE("durations as people write them") {
  check_rows(client, {
                         {"open_for = \"30 min\"", "open_for = \"30m\""},
                         {"open_for = \"30min\"", "open_for = \"30m\""},
                         {"open_for = \"30 Minutes\"", "open_for = \"30m\""},
                         {"open_for = \"90 s\"", "open_for = \"1m30s\""},
                         {"open_for = \"1 hour\"", "open_for = \"1h\""},
                         {"open_for = \"1 hr 30 mins\"", "open_for = \"1h30m\""},
                         {"open_for = \"1 hour and 30 minutes\"", "open_for = \"1h30m\""},
                         {"open_for = \"1h, 30m\"", "open_for = \"1h30m\""},
                         {"open_for = \"1,5 h\"", "open_for = \"1h30m\""},
                         {"open_for = \"2 weeks\"", "open_for = \"14d\""},
                         {"open_for = \"PT1H30M\"", "open_for = \"1h30m\""},
                         {"open_for = \"P2D\"", "open_for = \"2d\""},
                         {"open_for = \"01:30:00\"", "open_for = \"1h30m\""},
                         {"open_for = 00:30:00", "open_for = \"30m\""},
                         {"idle_timeout = \"1:30\"", "idle_timeout = \"1h30m\""},
                         {"idle_timeout = \"250msec\"", "idle_timeout = \"250ms\""},
                         {"idle_timeout = \"never\"", "idle_timeout = \"0s\""},
                         {"idle_timeout = 1.5", "idle_timeout = \"1s500ms\""},
                         {"idle_timeout = 43200", "idle_timeout = \"43200s\""},
                         {"idle_timeout = \"43200\"", "idle_timeout = \"12h\""},
                     });
  const Validated clock = validated(client + "idle_timeout = \"1:30\"\n");
  CHECK_EQ(clock.mistakes.at(0).what, "\"1:30\" is ambiguous: 1h30m or 1m30s?");
}

TEST_CASE("targets as people paste them") {
  const std::string head = client_head + "accept = 5999\n";
  check_rows(head,
             {
                 {"connect = \" a.example:443\"", "connect = \"a.example:443\""},
                 {"connect = \"a.example:443\\t\"", "connect = \"a.example:443\""},
                 {"connect = \"a.example: 443\"", "connect = \"a.example:443\""},
                 {"connect = \"a.example 443\"", "connect = \"a.example:443\""},
                 {"connect = \"a.example,8443\"", "connect = \"a.example:8443\""},
                 {"connect = \"192.0.2.5:41234/\"", "connect = \"192.0.2.5:41234\""},
                 {"connect = \"a.example:443/tcp\"", "connect = \"a.example:443\""},
                 {"connect = \"https://a.example\"", "connect = \"a.example:443\""},
                 {"connect = \"https://u:p@a.example:8443/x\"", "connect = \"a.example:8443\""},
                 {"connect = \"vnc://a.example\"", "connect = \"a.example:5900\""},
                 {"connect = \"tls://[2001:db8::1]:1\"", "connect = \"[2001:db8::1]:1\""},
                 {"connect = \"tcp:a.example:443\"", "connect = \"a.example:443\""},
                 {"connect = \"pi@a.example:22\"", "connect = \"a.example:22\""},
                 {"connect = \"a.example:ssh\"", "connect = \"a.example:22\""},
                 {"connect = \"::1:41234\"", "connect = \"[::1]:41234\""},
                 {"connect = \"::1:443\"", "connect = \"[::1]:443\""},
                 {"connect = \"2001:db8::1:8443\"", "connect = \"[2001:db8::1]:8443\""},
                 {"connect = \"2001:db8::1\"", "connect = \"[2001:db8::1]:443\""},
                 {"connect = \"2001:db8::1 8443\"", "connect = \"[2001:db8::1]:8443\""},
                 {"connect = \"[192.0.2.5]:443\"", "connect = \"192.0.2.5:443\""},
                 {"connect = \"*:5900\"", "connect = \"127.0.0.1:5900\""},
                 {"connect = true", "connect = \"relay.example:443\""},
             });
  check_rows(head + "server_name = \"a.example\"\n",
             {{"connect = \"/run/relay.sock\"", "connect = \"unix:/run/relay.sock\""}});
}

TEST_CASE("addresses to listen on as other programs write them") {
  check_rows(client_head + "connect = \"relay.example:443\"\n",
             {
                 {"accept = \"*:5999\"", "accept = \"0.0.0.0:5999\""},
                 {"accept = \"0:5999\"", "accept = \"0.0.0.0:5999\""},
                 {"accept = \":5999\"", "accept = 5999"},
                 {"accept = \" 5999 \"", "accept = 5999"},
                 {"accept = \":::5999\"", "accept = \"[::]:5999\""},
                 {"accept = \"::1:5999\"", "accept = \"[::1]:5999\""},
                 {"accept = \"tcp://127.0.0.1:5999\"", "accept = \"127.0.0.1:5999\""},
                 {"accept = \"my laptop:5999\"", "accept = \"127.0.0.1:5999\""},
                 {"accept = \"/run/a.sock\"", "accept = \"unix:/run/a.sock\""},
             });
}

TEST_CASE("names and ranges as people paste them") {
  check_rows(client, {
                         {"server_name = \"https://a.example/\"", "server_name = \"a.example\""},
                         {"server_name = \" a.example \"", "server_name = \"a.example\""},
                         {"server_name = \"a.example:443\"", "server_name = \"a.example\""},
                         {"server_name = \"[2001:db8::1]\"", "server_name = \"2001:db8::1\""},
                         {"allow = \"any\"", "allow = \"0.0.0.0/0\""},
                         {"allow = \" 192.0.2.7 \"", "allow = \"192.0.2.7\""},
                         {"allow = \"192.168.1.*\"", "allow = \"192.168.1.0/24\""},
                         {"allow = \"192.168.\"", "allow = \"192.168.0.0/16\""},
                         {"allow = \"localhost\"", "allow = \"127.0.0.0/8\""},
                         {"allow = \"192.0.2.7:443\"", "allow = \"192.0.2.7\""},
                     });
}

TEST_CASE("one of a few in other words") {
  check_rows(client, {
                         {"min_version = 1.3", "min_version = \"1.3\""},
                         {"min_version = \"TLSv1.3\"", "min_version = \"1.3\""},
                         {"min_version = \"tls1.2\"", "min_version = \"1.2\""},
                         {"verify = true", "verify = \"full\""},
                         {"verify = \"yes\"", "verify = \"full\""},
                         {"verify = 2", "verify = \"full\""},
                         {"verify = \"Full\"", "verify = \"full\""},
                         {"verify = \"first_use\"", "verify = \"first-use\""},
                         {"verify = \"tofu\"", "verify = \"first-use\""},
                         {"explain = false", "explain = \"off\""},
                         {"unclean_end = \"RST\"", "unclean_end = \"reset\""},
                         {"tls = \"yes\"", "tls = true"},
                         {"resume = \"off\"", "resume = false"},
                         {"resume = 0", "resume = false"},
                         {"max_connections = \"500\"", "max_connections = 500"},
                         {"max_connections = 5000000", "max_connections = 1000000"},
                         {"[log]\nlevel = \"warning\"", "level = \"warn\""},
                         {"[log]\nlevel = \"DEBUG\"", "level = \"debug\""},
                         {"[log]\nlevel = \"err\"", "level = \"error\""},
                         {"[process]\nworkers = \"4\"", "workers = 4"},
                     });
}

TEST_CASE("who turns verification off reads all four values") {
  for (const std::string value : {"false", "0", "\"no\"", "\"insecure\""}) {
    CAPTURE(value);
    const Validated result = validated(client + "verify = " + value + "\n");
    REQUIRE_EQ(result.mistakes.size(), 1);
    const std::string text = result.mistakes[0].text();
    for (const char* choice : {"\"full\"", "\"pin\"", "\"first-use\"", "\"none\""})
      CHECK_NE(result.mistakes[0].what.find(choice), std::string::npos);
    const std::string line = text.substr(text.find("\n    ") + 5);
    CHECK(line.starts_with("verify = \"none\""));
    CHECK_EQ(all_texts(validated(client + line + "\n")), "");
  }
}

#ifndef _WIN32

// Sets the time zone for as long as it lives.
class InTokyo {
 public:
  InTokyo() {
    if (const char* before = std::getenv("TZ")) before_ = before;
    setenv("TZ", "JST-9", 1);
    tzset();
  }
  ~InTokyo() {
    if (before_)
      setenv("TZ", before_->c_str(), 1);
    else
      unsetenv("TZ");
    tzset();
  }

 private:
  std::optional<std::string> before_;
};

TEST_CASE("a time without an offset is this machine's") {
  const InTokyo zone;
  check_rows(client,
             {
                 {"until = 2030-01-31T18:00:00", "until = 2030-01-31T18:00:00+09:00"},
                 {"until = 2030-01-31 18:00:00", "until = 2030-01-31T18:00:00+09:00"},
                 {"until = \"2030-01-31 18:00\"", "until = 2030-01-31T18:00:00+09:00"},
                 {"until = \"2030-01-31T18:00:00Z\"", "until = 2030-01-31T18:00:00Z"},
                 {"until = \"2030-01-31T18:00:00+01:00\"", "until = 2030-01-31T18:00:00+01:00"},
                 {"until = 2030-01-31", "until = 2030-01-31T00:00:00+09:00"},
             });
}

#endif

TEST_CASE("paths as a shell would expand them") {
  const Environment environment = [](const std::string& name) -> std::optional<std::string> {
    return name == "HOME" ? std::optional<std::string>("/home/ann") : std::nullopt;
  };
  const auto hint = [&](const std::string& line) {
    const Validated result = load_text(client + line + "\n", "t.toml", "/no", {}, environment);
    REQUIRE_EQ(result.mistakes.size(), 1);
    const std::string text = result.mistakes[0].text();
    return text.substr(text.find("\n    ") + 5);
  };
  CHECK_EQ(hint("ca = \"~/ca.pem\""), "ca = \"${HOME}/ca.pem\"");
  CHECK_EQ(hint("ca = \"$HOME/ca.pem\""), "ca = \"${HOME}/ca.pem\"");
  CHECK_EQ(hint("ca = \"$CERTS/ca.pem\""), "ca = \"${CERTS}/ca.pem\"");
  CHECK_EQ(hint("ca = '%USERPROFILE%\\ca.pem'"), "ca = '${USERPROFILE}\\ca.pem'");
  CHECK_EQ(hint("ca = '$env:APPDATA\\ca.pem'"), "ca = '${APPDATA}\\ca.pem'");
  CHECK_EQ(hint("ca = \"file:///etc/ca.pem\""), "ca = \"/etc/ca.pem\"");
  CHECK_EQ(hint("ca = \" ca.pem\""), "ca = \"ca.pem\"");
  CHECK_EQ(hint("ca = \"ca.pem\""), "paths are relative to the configuration file");
  CHECK_EQ(hint("[log]\nfile = \"~/tunnel.log\""), "file = \"${HOME}/tunnel.log\"");
}

TEST_CASE("a UNIX socket's path is no folder named ~") {
  CHECK_EQ(test::only_suggestion(client_head +
                                 "connect = \"relay.example:443\"\naccept = \"unix:~/vnc.sock\"\n"),
           "accept = \"unix:${HOME}/vnc.sock\"");
}

TEST_CASE("the key may lie in the certificate's file") {
  const TemporaryFolder folder;
  const std::string key = "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n";
  const std::string certificate = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n";
  folder.write("both.pem", certificate + key);
  // the header of the key lies across two blocks of 4096 bytes
  folder.write("late.pem", std::string(4085, '#') + key);
  folder.write("one.pem", certificate);
  folder.write("two.pem", certificate);
  folder.write("two.key", key);
  for (const std::string name : {"both.pem", "late.pem"}) {
    CAPTURE(name);
    const Validated read = validated(server + "cert = \"" + name + "\"\n", {}, folder.path());
    REQUIRE_EQ(all_texts(read), "");
    REQUIRE(read.config.services.at(0).key.has_value());
    CHECK_EQ(read.config.services[0].key->path, folder.path() / name);
    CHECK_EQ(all_texts(validated(client + "cert = \"" + name + "\"\n", {}, folder.path())), "");
  }
  CHECK_EQ(test::only_suggestion(server + "cert = \"one.pem\"\n", folder.path()),
           "key = \"relay.key\"");
  CHECK_EQ(test::only_suggestion(server + "cert = \"two.pem\"\n", folder.path()),
           "key = \"two.key\"");
  folder.write("password.txt", "secret\n");
  const Validated locked = validated(
      server + "cert = \"both.pem\"\nkey_password_file = \"password.txt\"\n", {}, folder.path());
  CHECK_EQ(all_texts(locked), "");
  CHECK(locked.config.services.at(0).key_password_file.has_value());
}

}  // namespace
}  // namespace tunnel::config
