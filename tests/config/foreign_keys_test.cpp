// Names and headers of other programs, and whole files of stunnel's.
#include "config/foreign_keys.hpp"

#include <doctest/doctest.h>

#include "support/configuration.hpp"
#include "support/suggestion.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::config {
namespace {

using test::all_texts;
using test::TemporaryFolder;
using test::validated;

const std::string head = "[service.vnc]\nclient = true\n";
const std::string client = head + "accept = 5999\nconnect = \"relay.example:443\"\n";
const std::string relay =
    "[service.vnc]\naccept = 41234\nconnect = \"127.0.0.1:5900\"\ncert = \"a.pem\"\nkey = "
    "\"a.pem\"\n";

struct Row {
  std::string line;
  std::string right;
};

// Each is the only mistake, and what it suggests is right in its place.
void check_rows(const std::string& start, const std::vector<Row>& rows) {
  const TemporaryFolder folder;
  for (const char* name : {"a.pem", "ca.pem"}) folder.write(name, "");
  for (const Row& row : rows) {
    CAPTURE(row.line);
    std::string next = test::only_suggestion(start + row.line + "\n", folder.path());
    CHECK_EQ(next, row.right);
    if (next.starts_with("did you mean")) next.erase(0, next.find('\n'));
    CHECK_EQ(all_texts(validated(start + next + "\n", {}, folder.path())), "");
  }
}

const std::string verify_none =
    "verify = \"none\"  # verifies nothing; \"first-use\" and \"pin\" take any issuer";

TEST_CASE("keys of other programs are told with ours") {
  check_rows(client, {
                         {"CAfile = \"ca.pem\"", "ca = \"ca.pem\""},
                         {"CApath = \".\"", "ca = \".\""},
                         {"ca-file = \"ca.pem\"", "ca = \"ca.pem\""},
                         {"cacert = \"ca.pem\"", "ca = \"ca.pem\""},
                         {"proxy_ssl_trusted_certificate = \"ca.pem\"", "ca = \"ca.pem\""},
                         {"CRLfile = \"ca.pem\"", "crl = \"ca.pem\""},
                         {"checkHost = \"a.example\"", "server_name = \"a.example\""},
                         {"checkIP = \"192.0.2.7\"", "server_name = \"192.0.2.7\""},
                         {"sni = \"a.example\"", "server_name = \"a.example\""},
                         {"proxy_ssl_name = \"a.example\"", "server_name = \"a.example\""},
                         {"verifyhost = \"a.example\"", "server_name = \"a.example\""},
                         {"verifyChain = true", "verify = \"full\""},
                         {"verifyChain = false", verify_none},
                         {"ssl_verify = true", "verify = \"full\""},
                         {"insecure = true", verify_none},
                         {"TIMEOUTidle = 43200", "idle_timeout = \"43200s\""},
                         {"TIMEOUTconnect = \"10\"", "connect_timeout = \"10s\""},
                         {"TIMEOUTclose = 0", "close_timeout = \"0s\""},
                         {"TIMEOUTbusy = 300", "handshake_timeout = \"300s\""},
                         {"proxy_timeout = \"10m\"", "idle_timeout = \"10m\""},
                         {"sslVersion = \"TLSv1.3\"", "min_version = \"1.3\""},
                         {"sslVersion = \"TLSv1.2\"", "max_version = \"1.2\""},
                         {"sslVersionMin = \"TLSv1\"", "min_version = \"1.2\""},
                         {"ssl-min-ver = \"TLSv1.3\"", "min_version = \"1.3\""},
                         {"ssl_protocols = \"TLSv1.2 TLSv1.3\"", "min_version = \"1.2\""},
                         {"maxconn = 500", "max_connections = 500"},
                         {"sessionResume = false", "resume = false"},
                         {"debug = 7", "[log]\n    level = \"debug\""},
                         {"debug = \"warning\"", "[log]\n    level = \"warn\""},
                         {"output = \"t.log\"", "[log]\n    file = \"t.log\""},
                         {"level = \"info\"", "[log]\n    level = \"info\""},
                         {"setuid = \"nobody\"", "[process]\n    user = \"nobody\""},
                         {"setgid = 65534", "[process]\n    group = \"65534\""},
                         {"workers = 2", "[process]\n    workers = 2"},
                     });
  check_rows(relay, {
                        {"CAfile = \"ca.pem\"", "client_ca = \"ca.pem\""},
                        {"verifyChain = true", "client_ca = \"ca.pem\""},
                        {"ssl_client_certificate = \"ca.pem\"", "client_ca = \"ca.pem\""},
                    });
}

TEST_CASE("addresses under other names are carried over, and not missed besides") {
  check_rows(
      head + "connect = \"relay.example:443\"\n",
      {
          {"listen = 5999", "did you mean accept?\n    accept = 5999"},
          {"bind = \"*:5999\"", "did you mean accept?\n    accept = \"0.0.0.0:5999\""},
          {"local = \"127.0.0.1:5999\"", "did you mean accept?\n    accept = \"127.0.0.1:5999\""},
          {"local_port = 5999", "did you mean accept?\n    accept = 5999"},
          {"port = 5999", "did you mean accept?\n    accept = 5999"},
      });
  check_rows(
      head + "accept = 5999\n",
      {
          {"target = \"a.example:443\"", "did you mean connect?\n    connect = \"a.example:443\""},
          {"remote = \"a.example 443\"", "did you mean connect?\n    connect = \"a.example:443\""},
          {"proxy_pass = \"a.example:443\"",
           "did you mean connect?\n    connect = \"a.example:443\""},
          {"url = \"https://a.example/\"",
           "did you mean connect?\n    connect = \"a.example:443\""},
          {"host = \"a.example\"", "did you mean connect?\n    connect = \"a.example:443\""},
      });
  const Validated parts = validated(head + "accept = 5999\nhost = \"a.example\"\nport = 8443\n");
  REQUIRE_EQ(parts.mistakes.size(), 2);
  for (const Mistake& mistake : parts.mistakes)
    CHECK_NE(mistake.text().find("\n    connect = \"a.example:8443\""), std::string::npos);
  CHECK_EQ(all_texts(validated(head + "acept = 5999\nconnect = \"a.example:443\"\n")),
           "t.toml:3:1: service \"vnc\": unknown key \"acept\"\n    did you mean accept?\n");
}

TEST_CASE("what has no counterpart says what to do") {
  const TemporaryFolder folder;
  for (const std::string key : {"ciphers",     "ciphersuites",     "curves",        "options",
                                "fips",        "engineId",         "protocol",      "pid",
                                "foreground",  "syslog",           "delay",         "retry",
                                "session",     "sessionCacheSize", "renegotiation", "socket",
                                "reset",       "transparent",      "exec",          "libwrap",
                                "chroot",      "PSKsecrets",       "OCSPaia",       "CRLpath",
                                "ssl_dhparam", "verifyDepth",      "requireCert",   "mode"}) {
    CAPTURE(key);
    CHECK_NE(test::only_suggestion(client + key + " = \"x\"\n", folder.path()), "");
  }
  CHECK_EQ(test::only_suggestion(client + "verifyPeer = true\n", folder.path()),
           "pin trusts exactly that server: tunnel pin relay.example:443 shows the line");
  folder.write("a.pem", "");
  CHECK_NE(test::only_suggestion(relay + "verifyPeer = true\n", folder.path()).find("client_pin"),
           std::string::npos);
}

TEST_CASE("keys above the first header belong to a service") {
  const std::string rest = "[service.x]\naccept = 1\nconnect = \"h:2\"\n";
  CHECK_EQ(all_texts(validated("client = true\n" + rest)),
           "t.toml:1:1: unknown key \"client\"\n    [service.x]\n    client = true\n");
  CHECK_EQ(all_texts(validated("client = true\nsni = \"a\"\n" + rest)),
           "t.toml:1:1: unknown key \"client\"\n    [service.x]\n    client = true\n"
           "t.toml:2:1: unknown key \"sni\"\n    [service.x]\n    server_name = \"a\"\n");
  CHECK_EQ(all_texts(validated("workers = 2\n[service.x]\nclient = true\n" + rest.substr(12))),
           "t.toml:1:1: unknown key \"workers\"\n    [process]\n    workers = 2\n");
}

TEST_CASE("each wrong header is one mistake with the right one") {
  const std::string keys = "client = true\naccept = 5999\nconnect = \"h.example:2\"\n";
  for (const Row& row : {
           Row{"[vnc]", "[service.vnc]"},
           Row{"[redis]", "[service.redis]"},
           Row{"[services.vnc]", "[service.vnc]"},
           Row{"[Service.vnc]", "[service.vnc]"},
           Row{"[servise.vnc]", "[service.vnc]"},
           Row{"[tunnels.vnc]", "[service.vnc]"},
           Row{"[service.a.b]", "[service.\"a.b\"]"},
           Row{"[service]", "[service.vnc]"},
           Row{"[[service]]", "[service.vnc]"},
           Row{"[[service]]\nname = \"web\"", "[service.web]"},
           Row{"[[services]]", "[service.vnc]"},
           Row{"[service.\"a b\"]", "[service.a-b]"},
       }) {
    CAPTURE(row.line);
    CHECK_EQ(test::only_suggestion(row.line + "\n" + keys, {}), row.right);
    CHECK_EQ(all_texts(validated(row.right + "\n" + keys)), "");
  }
  CHECK_EQ(test::only_suggestion("[default]\nclient = true\n[service.a]\n" + keys.substr(14), {}),
           "[defaults]");
  CHECK_EQ(test::only_suggestion("[logging]\nlevel = \"info\"\n[service.a]\n" + keys, {}), "[log]");
}

TEST_CASE("the keys below a wrong header are checked all the same") {
  CHECK_EQ(all_texts(validated("[vnc]\nclient = true\naccept = 5999\nconnect = \"h\"\n")),
           "t.toml:1:2: the section of a service is [service.NAME], not [vnc]\n    [service.vnc]\n"
           "t.toml:4:11: service \"vnc\": connect: \"h\" has no port\n    connect = \"h:443\"\n");
}

TEST_CASE("every key that has a home is known there") {
  for (const std::string_view key :
       {"client", "accept", "verify", "open_for", "unclean_end", "key_password_file"})
    CHECK_EQ(home_of(key), "service");
  CHECK_EQ(home_of("level"), "log");
  CHECK_EQ(home_of("workers"), "process");
  CHECK_EQ(home_of("listen"), "");
}

// --- stunnel.conf

std::string as_toml(const std::string& conf) {
  const Validated result = validated(conf);
  REQUIRE_EQ(result.mistakes.size(), 1);
  CHECK_NE(result.mistakes[0].what.find("stunnel"), std::string::npos);
  const std::string text = result.mistakes[0].text();
  return text.substr(text.find("\n    ") + 5);
}

TEST_CASE("a stunnel.conf is recognised, and its services are written as TOML") {
  CHECK_EQ(as_toml("; a comment\n"
                   "pid = /run/x.pid\n"
                   "setuid = nobody\n"
                   "verifyChain = yes\n"
                   "[vnc]\n"
                   "client = yes\n"
                   "accept = 127.0.0.1:5999\n"
                   "connect = a.example:443\n"
                   "connect = b.example:443\n"
                   "CApath = /etc/ssl/certs\n"
                   "checkHost = a.example\n"
                   "TIMEOUTidle = 43200\n"
                   "sslVersionMin = TLSv1.3\n"
                   "ciphers = HIGH\n"),
           "[service.vnc]\n"
           "    client = true\n"
           "    accept = \"127.0.0.1:5999\"\n"
           "    connect = [\"a.example:443\", \"b.example:443\"]\n"
           "    balance = \"round-robin\"\n"
           "    ca = \"/etc/ssl/certs\"\n"
           "    server_name = \"a.example\"\n"
           "    idle_timeout = \"12h\"\n"
           "    min_version = \"1.3\"\n"
           "    # left out: ciphers\n"
           "    [process]\n"
           "    user = \"nobody\"");
}

TEST_CASE("the TOML for a stunnel.conf is right as it stands") {
  const TemporaryFolder folder;
  folder.write("a.pem", "-----BEGIN PRIVATE KEY-----\n");
  for (const std::string conf : {
           "[vnc]\nclient = yes\naccept = 5999\nconnect = relay.example:443\n",
           "[a b]\nclient=yes\naccept=:::5999\nconnect=443\nverify=2\n",
           "foreground = yes\nclient = yes\nconnect = relay.example:443\n",
           "cert = a.pem\n[x]\naccept = 443\nconnect = 80\n[y]\naccept = 444\nconnect = 81\n",
           "client = yes\n[x]\r\naccept = 1\r\nconnect = [2001:db8::1]:443\r\nverifyPeer = yes\r\n",
           "[x.y]\nclient = yes\naccept = localhost:1\nconnect = h:2\nfailover = prio\nprotocol = "
           "smtp\n",
       }) {
    CAPTURE(conf);
    const std::string toml = as_toml(conf);
    CAPTURE(toml);
    CHECK_EQ(all_texts(validated(toml, {}, folder.path())), "");
  }
}

TEST_CASE("a slip in a file of ours makes it no stunnel.conf") {
  for (const std::string text : {
           "[service.x]\nclient = yes\naccept = 5999\nconnect = \"h:1\"\n",
           "[service.x]\nclient = true\naccept = 127.0.0.1:5999\nconnect = h.example:1\n",
           "[log]\nlevel = info\n[vnc]\naccept = 1\nconnect = h.example:1\n",
           "client = yes\n",
           "hello\n",
       }) {
    CAPTURE(text);
    const Validated result = validated(text);
    REQUIRE_FALSE(result.mistakes.empty());
    CHECK_EQ(result.mistakes[0].what.find("stunnel"), std::string::npos);
  }
}

}  // namespace
}  // namespace tunnel::config
