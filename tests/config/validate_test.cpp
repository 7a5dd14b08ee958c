// Every kind of mistake in a configuration, each with the exact words that a user reads.
#include "config/validate.hpp"

#include <doctest/doctest.h>

#include "support/configuration.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::config {
namespace {

using test::all_texts;
using test::TemporaryFolder;
using test::validated;

struct Bad {
  std::string name;
  std::string toml;
  std::string text;
};

// A client service that lacks nothing; rows add a line 5.
#define CLIENT      \
  "[service.vnc]\n" \
  "client = true\n" \
  "accept = 5999\n" \
  "connect = \"a:443\"\n"
#define AT5 "t.toml:5:1: service \"vnc\": "

void check_all(const std::vector<Bad>& rows) {
  for (const Bad& row : rows) {
    CAPTURE(row.name);
    CHECK_EQ(all_texts(validated(row.toml)), row.text);
  }
}

TEST_CASE("unknown keys are told with the nearest name") {
  check_all({
      {"in a service", CLIENT "idle_timout = \"1h\"",
       AT5 "unknown key \"idle_timout\"\n    did you mean idle_timeout?\n"},
      {"like nothing", CLIENT "colour = \"red\"", AT5 "unknown key \"colour\"\n"},
      {"capital letters", CLIENT "CA = \"x\"", AT5 "unknown key \"CA\"\n    did you mean ca?\n"},
      {"at the top", "servise.vnc = 1\n",
       "t.toml:1:1: unknown key \"servise\"\n    did you mean service?\n"},
      {"in [log]", CLIENT "[log]\nleve = \"info\"\n",
       "t.toml:6:1: log: unknown key \"leve\"\n    did you mean level?\n"},
      {"in [process]", CLIENT "[process]\nworker = 2\n",
       "t.toml:6:1: process: unknown key \"worker\"\n    did you mean workers?\n"},
      {"in [defaults]", CLIENT "[defaults]\nkeep_alive = \"1m\"\n",
       "t.toml:6:1: defaults: unknown key \"keep_alive\"\n    did you mean keepalive?\n"},
      {"with bytes that a terminal obeys", CLIENT "\"a\\u001b[31m\" = 1\n",
       AT5 "unknown key \"a\\x1b[31m\"\n"},
  });
}

TEST_CASE("a value of the wrong type is told by what stands there and what is wanted") {
  check_all({
      {"boolean", CLIENT "tls = \"no\"",
       "t.toml:5:7: service \"vnc\": tls: true or false is needed, not a string\n"
       "    tls = false\n"},
      {"whole number", CLIENT "max_connections = \"10\"",
       "t.toml:5:19: service \"vnc\": max_connections: a whole number is needed, not a string\n    "
       "max_connections = 10\n"},
      {"fraction for a whole number", CLIENT "max_connections = 1.5",
       "t.toml:5:19: service \"vnc\": max_connections: a whole number is needed, not a fraction\n  "
       "  max_connections = 1\n"},
      {"whole number out of range", CLIENT "max_connections = 0",
       "t.toml:5:19: service \"vnc\": max_connections: 0 is not from 1 to 1000000\n"
       "    max_connections = 1\n"},
      {"a negative one", CLIENT "max_connections = -9223372036854775808",
       "t.toml:5:19: service \"vnc\": max_connections: -9223372036854775808 is not from 1 to "
       "1000000\n    max_connections = 1\n"},
      {"duration", CLIENT "idle_timeout = 1.5",
       "t.toml:5:16: service \"vnc\": idle_timeout: a duration is needed, not a fraction\n"
       "    idle_timeout = \"1s500ms\"\n"},
      {"list for a duration", CLIENT "idle_timeout = [\"1h\"]",
       "t.toml:5:16: service \"vnc\": idle_timeout: a duration is needed, not a list\n"
       "    idle_timeout = \"30s\"\n"},
      {"time for a duration", CLIENT "idle_timeout = 00:30:00",
       "t.toml:5:16: service \"vnc\": idle_timeout: a duration is needed, not a time\n"
       "    idle_timeout = \"30m\"\n"},
      {"string", CLIENT "server_name = 7",
       "t.toml:5:15: service \"vnc\": server_name: a string is needed, not a whole number\n    "
       "server_name = \"relay.example\"\n"},
      {"date for a string", CLIENT "server_name = 2026-01-31",
       "t.toml:5:15: service \"vnc\": server_name: a string is needed, not a date\n"
       "    server_name = \"relay.example\"\n"},
      {"string in a list", CLIENT "ca = [\"system\", 7]",
       "t.toml:5:17: service \"vnc\": ca: a string is needed, not a whole number\n"
       "    ca = \"ca.pem\"\n"},
      {"one of a few", CLIENT "verify = \"ful\"",
       "t.toml:5:10: service \"vnc\": verify: \"ful\" is none of \"full\", \"pin\", "
       "\"first-use\" and \"none\"\n"
       "    verify = \"full\"\n"},
      {"no such balance", CLIENT "balance = \"roundrobin\"",
       "t.toml:5:11: service \"vnc\": balance: \"roundrobin\" is none of \"order\", "
       "\"round-robin\" "
       "and \"random\"\n"
       "    balance = \"round-robin\"\n"},
      {"a balance of one", CLIENT "balance = \"random\"",
       "t.toml:5:1: service \"vnc\": balance does nothing with one target\n"
       "    remove it, or give a list: connect = [\"a.example:443\", \"b.example:443\"]\n"},
      {"no such protocol", CLIENT "explain = \"htpp\"",
       "t.toml:5:11: service \"vnc\": explain: \"htpp\" is none of \"off\", \"vnc\", \"http\" and "
       "\"ssh\"\n"
       "    explain = \"http\"\n"},
      {"one of a few, of another type", CLIENT "verify = false",
       "t.toml:5:10: service \"vnc\": verify: one of \"full\", \"pin\", \"first-use\" and \"none\" "
       "is needed, not true or false\n    verify = \"none\"  # verifies nothing; "
       "\"first-use\" and \"pin\" take any issuer\n"},
      {"a version as a fraction", CLIENT "min_version = 1.2",
       "t.toml:5:15: service \"vnc\": min_version: one of \"1.2\" and \"1.3\" is needed, not a "
       "fraction\n    min_version = \"1.2\"\n"},
      {"a version that there is not", CLIENT "max_version = \"1.1\"",
       "t.toml:5:15: service \"vnc\": max_version: \"1.1\" is none of \"1.2\" and \"1.3\"\n"
       "    max_version = \"1.2\"\n"},
      {"table", CLIENT "[log]\nlevel.is = \"info\"",
       "t.toml:6:1: log: level: one of \"error\", \"warn\", \"info\", \"debug\" and \"trace\" is "
       "needed, not a table\n    level = \"error\"\n"},
      {"no table for [log]", "log = 1\n" CLIENT,
       "t.toml:1:7: log: a table is needed, not a whole number\n    [log]\n"},
      {"no table for [defaults]", "defaults = \"x\"\n" CLIENT,
       "t.toml:1:12: defaults: a table is needed, not a string\n    [defaults]\n"},
      {"no table for [service]", "service = \"vnc\"",
       "t.toml:1:11: service: a table is needed, not a string\n    [service]\n"},
      {"a list of services", "[[service]]\naccept = 1\n",
       "t.toml:1:1: [[service]] is a list, and each service has a name instead\n"
       "    [service.vnc]\n"},
      {"a service that is no table", "[service]\nvnc = 5999\n",
       "t.toml:2:7: service \"vnc\": a service is a table of keys\n    [service.vnc]\n"},
  });
}

TEST_CASE("addresses that are none are told with one that would be right") {
  check_all({
      {"connect missing", "[service.vnc]\nclient = true\naccept = 5999\n",
       "t.toml:1:10: service \"vnc\": connect is missing: where to go from here\n"
       "    connect = \"relay.example:443\"\n"},
      {"accept missing", "[service.vnc]\nclient = true\nconnect = \"a:443\"\n",
       "t.toml:1:10: service \"vnc\": accept is missing: where to listen\n    accept = 5999\n"},
      {"connect without a port", "[service.vnc]\nclient = true\naccept = 1\nconnect = \"a.b\"\n",
       "t.toml:4:11: service \"vnc\": connect: \"a.b\" has no port\n    connect = \"a.b:443\"\n"},
      {"connect with a port alone", "[service.vnc]\nclient = true\naccept = 1\nconnect = 443\n",
       "t.toml:4:11: service \"vnc\": connect: 443 has no host\n"
       "    connect = \"127.0.0.1:443\"\n"},
      {"port too large in a string",
       "[service.vnc]\nclient = true\naccept = 1\nconnect = \"a:65536\"\n",
       "t.toml:4:11: service \"vnc\": connect: port \"65536\" is not a number from 1 to 65535\n"
       "    connect = \"a:443\"\n"},
      {"port 0 to connect to", "[service.vnc]\nclient = true\naccept = 1\nconnect = \"a:0\"\n",
       "t.toml:4:11: service \"vnc\": connect: port \"0\" is not a number from 1 to 65535\n"
       "    connect = \"a:443\"\n"},
      {"port too large as a number",
       "[service.vnc]\nclient = true\naccept = 65536\nconnect = \"a:443\"\n",
       "t.toml:3:10: service \"vnc\": accept: port 65536 is not a number from 0 to 65535\n"
       "    accept = 5999\n"},
      {"negative port", "[service.vnc]\nclient = true\naccept = -1\nconnect = \"a:443\"\n",
       "t.toml:3:10: service \"vnc\": accept: port -1 is not a number from 0 to 65535\n"
       "    accept = 5999\n"},
      {"a port alone in a string",
       "[service.vnc]\nclient = true\naccept = \"5999\"\nconnect = \"a:443\"\n",
       "t.toml:3:10: service \"vnc\": accept: \"5999\" has no host; a port alone is written as a "
       "number\n    accept = 5999\n"},
      {"a colon and a port",
       "[service.vnc]\nclient = true\naccept = \":80\"\nconnect = \"a:443\"\n",
       "t.toml:3:10: service \"vnc\": accept: \":80\" has no host; a port alone is written as a "
       "number\n    accept = 80\n"},
      {"accept of the wrong type",
       "[service.vnc]\nclient = true\naccept = true\nconnect = \"a:443\"\n",
       "t.toml:3:10: service \"vnc\": accept: an address is needed, not true or false\n    accept "
       "= 5999\n"},
      {"IPv6 without brackets",
       "[service.vnc]\nclient = true\naccept = 1\nconnect = \"2001:db8::1\"\n",
       "t.toml:4:11: service \"vnc\": connect: \"2001:db8::1\" has no port, or no brackets around "
       "its IPv6 address\n    connect = \"[2001:db8::1]:443\"\n"},
      {"a URL", "[service.vnc]\nclient = true\naccept = 1\nconnect = \"https://a.b:8443/x\"\n",
       "t.toml:4:11: service \"vnc\": connect: \"https://a.b:8443/x\" is a URL, where a host and a "
       "port are wanted\n    connect = \"a.b:8443\"\n"},
      {"each of a list",
       "[service.vnc]\nclient = true\naccept = 1\nconnect = [\"a\", \"b:1\", 2]\n",
       "t.toml:4:12: service \"vnc\": connect: \"a\" has no port\n    connect = \"a:443\"\n"
       "t.toml:4:24: service \"vnc\": connect: 2 has no host\n    connect = \"127.0.0.1:2\"\n"},
      {"a list in a list", "[service.vnc]\nclient = true\naccept = 1\nconnect = [[\"a:1\"]]\n",
       "t.toml:4:12: service \"vnc\": connect: an address is needed, not a list\n"
       "    connect = \"relay.example:443\"\n"},
      {"empty list for connect", "[service.vnc]\nclient = true\naccept = 1\nconnect = []\n",
       "t.toml:4:11: service \"vnc\": connect: the list is empty\n"
       "    give it a value, or remove the key\n"},
      {"empty list for accept", "[service.vnc]\nclient = true\naccept = []\nconnect = \"a:1\"\n",
       "t.toml:3:10: service \"vnc\": accept: the list is empty\n"
       "    give it a value, or remove the key\n"},
      {"empty string for connect", "[service.vnc]\nclient = true\naccept = 1\nconnect = \"\"\n",
       "t.toml:4:11: service \"vnc\": connect: \"\" has no host\n"
       "    connect = \"127.0.0.1:443\"\n"},
      {"no host name", "[service.vnc]\nclient = true\naccept = 1\nconnect = \"a b:443\"\n",
       "t.toml:4:11: service \"vnc\": connect: \"a b\" is neither a host name nor an address\n"
       "    connect = \"relay.example:443\"\n"},
  });
}

TEST_CASE("durations need a unit that there is") {
  check_all({
      {"whole number", CLIENT "idle_timeout = 30",
       "t.toml:5:16: service \"vnc\": idle_timeout: 30 has no unit: ms, s, m, h or d\n"
       "    idle_timeout = \"30s\"\n"},
      {"number in a string", CLIENT "idle_timeout = \"30\"",
       "t.toml:5:16: service \"vnc\": idle_timeout: \"30\" has no unit: ms, s, m, h or d\n"
       "    idle_timeout = \"30s\"\n"},
      {"unknown unit", CLIENT "keepalive = \"30sec\"",
       "t.toml:5:13: service \"vnc\": keepalive: \"30sec\" has a unit that is none of ms, s, m, h, "
       "d\n    keepalive = \"30s\"\n"},
      {"words", CLIENT "connect_timeout = \"never\"",
       "t.toml:5:19: service \"vnc\": connect_timeout: \"never\" is not a duration\n"
       "    connect_timeout = \"0s\"\n"},
      {"negative", CLIENT "close_timeout = \"-1s\"",
       "t.toml:5:17: service \"vnc\": close_timeout: \"-1s\" is not a duration\n"
       "    close_timeout = \"30s\"\n"},
      {"negative number", CLIENT "close_timeout = -5",
       "t.toml:5:17: service \"vnc\": close_timeout: -5 has no unit: ms, s, m, h or d\n"
       "    close_timeout = \"0s\"\n"},
      {"beyond all reason", CLIENT "handshake_timeout = \"4000d\"",
       "t.toml:5:21: service \"vnc\": handshake_timeout: \"4000d\" is longer than ten years\n"
       "    handshake_timeout = \"0s\"\n"},
      {"in [process]", CLIENT "[process]\ndrain_timeout = 30",
       "t.toml:6:17: process: drain_timeout: 30 has no unit: ms, s, m, h or d\n"
       "    drain_timeout = \"30s\"\n"},
  });
}

TEST_CASE("empty strings and lists are mistakes") {
  check_all({
      {"string", CLIENT "server_name = \"\"",
       "t.toml:5:15: service \"vnc\": server_name: the string is empty\n"
       "    give it a value, or remove the key\n"},
      {"list", CLIENT "ca = []",
       "t.toml:5:6: service \"vnc\": ca: the list is empty\n"
       "    give it a value, or remove the key\n"},
      {"string in a list", CLIENT "ca = [\"system\", \"\"]",
       "t.toml:5:17: service \"vnc\": ca: the string is empty\n"
       "    give it a value, or remove the key\n"},
      {"variable that is empty", CLIENT "server_name = \"${EMPTY}\"",
       "t.toml:5:15: service \"vnc\": server_name: the string is empty\n"
       "    give it a value, or remove the key\n"},
      {"choice", CLIENT "verify = \"\"",
       "t.toml:5:10: service \"vnc\": verify: the string is empty\n"
       "    give it a value, or remove the key\n"},
  });
}

TEST_CASE("variables of the environment must be set") {
  check_all({
      {"unset", CLIENT "server_name = \"${NO_SUCH}\"",
       "t.toml:5:15: service \"vnc\": server_name: the environment variable NO_SUCH is not set\n"
       "    set NO_SUCH before the start, or write the value itself\n"},
      {"unset in a list", CLIENT "ca = [\"system\", \"${NO_SUCH}\"]",
       "t.toml:5:17: service \"vnc\": ca: the environment variable NO_SUCH is not set\n"
       "    set NO_SUCH before the start, or write the value itself\n"},
      {"not closed", CLIENT "server_name = \"${HOST\"",
       "t.toml:5:15: service \"vnc\": server_name: \"${\" is not closed by \"}\"\n"
       "    write $${ for a literal ${\n"},
      {"a literal is no variable", CLIENT "server_name = \"$${NO_SUCH}\"",
       "t.toml:5:15: service \"vnc\": server_name: \"${NO_SUCH}\" is no host name\n"
       "    server_name = \"relay.example\"\n"},
      {"the value of a variable is not looked through again", CLIENT "server_name = \"${DOLLAR}\"",
       "t.toml:5:15: service \"vnc\": server_name: \"${HOST}\" is no host name\n"
       "    server_name = \"relay.example\"\n"},
      {"unset, in an address",
       "[service.vnc]\nclient = true\naccept = 1\nconnect = \"${NO_SUCH}:443\"\n",
       "t.toml:4:11: service \"vnc\": connect: the environment variable NO_SUCH is not set\n"
       "    set NO_SUCH before the start, or write the value itself\n"},
      {"unset, in a duration", CLIENT "idle_timeout = \"${NO_SUCH}\"",
       "t.toml:5:16: service \"vnc\": idle_timeout: the environment variable NO_SUCH is not set\n"
       "    set NO_SUCH before the start, or write the value itself\n"},
  });
}

TEST_CASE("a NUL in a string is a mistake and not the end of the string") {
  check_all({
      {"a text", CLIENT "server_name = \"a\\u0000b\"",
       "t.toml:5:15: service \"vnc\": server_name: the string holds a NUL character\n"},
      {"a path", CLIENT "ca = \"/\\u0000\"",
       "t.toml:5:6: service \"vnc\": ca: the string holds a NUL character\n"},
      {"an address", "[service.vnc]\nclient = true\naccept = 1\nconnect = \"a:443\\u0000\"\n",
       "t.toml:4:11: service \"vnc\": connect: the string holds a NUL character\n"},
  });
}

TEST_CASE("a server name is a host name or an address without decoration") {
  check_all({
      {"spaces", CLIENT "server_name = \"a b\"",
       "t.toml:5:15: service \"vnc\": server_name: \"a b\" is no host name\n"
       "    server_name = \"relay.example\"\n"},
      {"a port", CLIENT "server_name = \"a:443\"",
       "t.toml:5:15: service \"vnc\": server_name: \"a:443\" is no host name\n"
       "    server_name = \"a\"\n"},
      {"a wildcard", CLIENT "server_name = \"*.example\"",
       "t.toml:5:15: service \"vnc\": server_name: \"*.example\" is no host name\n"
       "    server_name = \"relay.example\"\n"},
      // with its brackets it would be sent and compared as a name, and match no certificate
      {"brackets", CLIENT "server_name = \"[2001:db8::1]\"",
       "t.toml:5:15: service \"vnc\": server_name: \"[2001:db8::1]\" is no host name\n"
       "    server_name = \"2001:db8::1\"\n"},
  });
}

TEST_CASE("a service's name is for people and logs") {
  check_all({
      {"space", "[service.\"a b\"]\nclient = true\naccept = 1\nconnect = \"a:1\"\n",
       "t.toml:1:10: service \"a b\": a service's name has letters, digits, \"-\", \"_\" and \".\" "
       "only, at most 64\n    [service.a-b]\n"},
      {"empty", "[service.\"\"]\nclient = true\naccept = 1\nconnect = \"a:1\"\n",
       "t.toml:1:10: service \"\": a service's name has letters, digits, \"-\", \"_\" and \".\" "
       "only, at most 64\n    [service.vnc]\n"},
      {"what a terminal obeys",
       "[service.\"\\u001b\"]\nclient = true\naccept = 1\nconnect = \"a:1\"\n",
       "t.toml:1:10: service \"\\x1b\": a service's name has letters, digits, \"-\", \"_\" and "
       "\".\" only, at most 64\n    [service.vnc]\n"},
      {"it stays escaped in what is said of two services",
       "[service.a]\nclient = true\naccept = 1\nconnect = \"a:1\"\n"
       "[service.\"\\u001b\"]\nclient = true\naccept = 1\nconnect = \"a:1\"\n",
       "t.toml:5:10: service \"\\x1b\": a service's name has letters, digits, \"-\", \"_\" and "
       "\".\" only, at most 64\n    [service.vnc]\n"
       "t.toml:7:10: service \"\\x1b\": accept: port 1 is already taken by service \"a\" "
       "(t.toml:3)\n    give each its own port, or accept = 0 to let the system pick one\n"},
  });
}

TEST_CASE("a file without a service says what one looks like") {
  const std::string none =
      "t.toml:1:1: there is no service in it\n"
      "    [service.vnc]\n    client = true\n    accept = 5999\n"
      "    connect = \"relay.example:443\"\n";
  check_all({{"empty", "", none},
             {"a comment", "# nothing\n", none},
             {"an empty table", "[service]\n", none},
             {"only other tables", "[log]\nlevel = \"info\"\n", none}});
}

TEST_CASE("what is not TOML is told with its place") {
  const Validated unclosed = validated("[service.vnc]\naccept = \"5999\nclient = true\n");
  REQUIRE_EQ(unclosed.mistakes.size(), 1);
  CHECK_EQ(unclosed.mistakes[0].place.line, 2);
  CHECK_EQ(unclosed.mistakes[0].text().substr(0, 12), "t.toml:2:15:");
  CHECK_EQ(unclosed.mistakes[0].what.substr(0, 10), "not TOML: ");

  const Validated twice = validated("[service.vnc]\naccept = 1\naccept = 2\n");
  REQUIRE_EQ(twice.mistakes.size(), 1);
  CHECK_EQ(twice.mistakes[0].place.line, 3);

  const Validated control = validated("[service.vnc]\n\x1b[31m = 2\n");
  REQUIRE_EQ(control.mistakes.size(), 1);
  CHECK_EQ(control.mistakes[0].place.line, 2);
  CHECK_EQ(control.mistakes[0].what.find('\x1b'), std::string::npos);
}

TEST_CASE("what is not UTF-8 is told with its place") {
  check_all({
      {"first line", "a = \"\xff\"\n",
       "t.toml:1:6: the file is not UTF-8 from here on\n    save it as UTF-8\n"},
      {"Latin-1 in a comment",
       CLIENT "# gr\xfc\xdf"
              "e\n",
       "t.toml:5:5: the file is not UTF-8 from here on\n    save it as UTF-8\n"},
      {"UTF-16", "\xff\xfe[",
       "t.toml:1:1: the file is UTF-16, and UTF-8 is wanted\n    save it as UTF-8\n"},
  });
}

TEST_CASE("columns count characters whatever the mistake is") {
  check_all({
      {"a wrong value",
       "[service.vnc]\nclient = true\naccept = [5999, \"\xc3\xbc:1\"]\n"
       "connect = [\"\xc3\xbc:1\", 7]\n",
       "t.toml:3:17: service \"vnc\": accept: \"\xc3\xbc\" has letters beyond ASCII: give the "
       "name's ASCII form, which begins with xn--; idn2 (of libidn2) prints it\n"
       "t.toml:4:12: service \"vnc\": connect: \"\xc3\xbc\" has letters beyond ASCII: give the "
       "name's ASCII form, which begins with xn--; idn2 (of libidn2) prints it\n"
       "t.toml:4:19: service \"vnc\": connect: 7 has no host\n    connect = \"127.0.0.1:7\"\n"},
      {"not UTF-8", "a = \"\xc3\xbc\xff\"\n",
       "t.toml:1:7: the file is not UTF-8 from here on\n    save it as UTF-8\n"},
  });
}

TEST_CASE("keys of a client do nothing in server mode") {
  const TemporaryFolder folder;
  folder.write("a.pem", "");
  folder.write("a.key", "");
  const std::string server =
      "[service.vnc]\naccept = 41234\nconnect = \"127.0.0.1:5900\"\ncert = \"a.pem\"\n"
      "key = \"a.key\"\n";
  CHECK_EQ(all_texts(validated(server, {}, folder.path())), "");
  for (const std::string line : {"server_name = \"a\"", "verify = \"full\"", "ca = \"system\""}) {
    const std::string key = line.substr(0, line.find(' '));
    CHECK_EQ(all_texts(validated(server + line, {}, folder.path())),
             "t.toml:6:1: service \"vnc\": " + key +
                 " does nothing in server mode, where the far side speaks plaintext\n"
                 "    remove it, or say client = true\n");
  }
  CHECK_EQ(
      all_texts(validated(server + "warm = 1", {}, folder.path())),
      "t.toml:6:1: service \"vnc\": warm does nothing in server mode, where nobody dials before "
      "a client has shaken hands\n    remove it, or say client = true\n");
}

TEST_CASE("server mode needs a certificate and a key") {
  check_all({{"neither", "[service.vnc]\naccept = 1\nconnect = \"a:2\"\n",
              "t.toml:1:10: service \"vnc\": cert is missing: server mode presents a certificate "
              "(a client says client = true)\n    cert = \"relay.pem\"\n"
              "t.toml:1:10: service \"vnc\": key is missing: server mode has a private key "
              "(a client says client = true)\n    key = \"relay.key\"\n"}});
}

TEST_CASE("a client has both a certificate and a key, or neither") {
  const TemporaryFolder folder;
  folder.write("a.pem", "");
  CHECK_EQ(all_texts(validated(CLIENT "cert = \"a.pem\"", {}, folder.path())),
           "t.toml:5:8: service \"vnc\": cert: there is a certificate, but no key to it\n"
           "    key = \"client.key\"\n");
  CHECK_EQ(all_texts(validated(CLIENT "key = \"a.pem\"", {}, folder.path())),
           "t.toml:5:7: service \"vnc\": key: there is a key, but no certificate to it\n"
           "    cert = \"client.pem\"\n");
  CHECK_EQ(all_texts(validated(CLIENT "key = \"a.pem\"\ncert = \"a.pem\"", {}, folder.path())), "");
}

TEST_CASE("files that are not there are told with their whole path") {
  const TemporaryFolder folder;
  const std::string missing = (folder.path() / "no.pem").string();
  CHECK_EQ(all_texts(validated(CLIENT "ca = \"no.pem\"", {}, folder.path())),
           "t.toml:5:6: service \"vnc\": ca: there is no file " + missing +
               "\n    paths are relative to the configuration file\n");
  CHECK_EQ(all_texts(validated(CLIENT "cert = \"no.pem\"\nkey = \".\"", {}, folder.path())),
           "t.toml:5:8: service \"vnc\": cert: there is no file " + missing +
               "\n    paths are relative to the configuration file\n"
               "t.toml:6:7: service \"vnc\": key: " +
               (folder.path() / ".").string() + " is a folder, where a file is wanted\n");
  CHECK_EQ(all_texts(validated(CLIENT "ca = \".\"", {}, folder.path())), "");
}

TEST_CASE("a path is shown without bytes that a terminal obeys") {
  check_all({{"a missing file", CLIENT "ca = \"/no/\\u001b[31m\\n\"",
              "t.toml:5:6: service \"vnc\": ca: there is no file /no/\\x1b[31m\\n\n"
              "    ca = \"/no/\\u001b[31m\"\n"}});
}

TEST_CASE("keys of TLS do nothing without TLS") {
  const TemporaryFolder folder;
  folder.write("a.pem", "");
  const std::string plain = "[service.ssh]\ntls = false\naccept = 1\nconnect = \"a:1\"\n";
  CHECK_EQ(all_texts(validated(plain, {}, folder.path())), "");
  for (const std::string line :
       {"server_name = \"a\"", "verify = \"none\"", "ca = \"system\"", "crl = \"a.pem\"",
        "min_version = \"1.2\"", "max_version = \"1.3\"", "resume = true", "warm = 1",
        "handshake_timeout = \"1s\"", "unclean_end = \"close\""}) {
    const std::string key = line.substr(0, line.find(' '));
    CAPTURE(key);
    const Validated result = validated(plain + line, {}, folder.path());
    REQUIRE_EQ(result.mistakes.size(), 1);
    CHECK_EQ(result.mistakes[0].place.line, 5);
    CHECK_EQ(result.mistakes[0].place.column, 1);
    CHECK_EQ(result.mistakes[0].what, key + " does nothing with tls = false");
    // the service has tls = false already
    CHECK_EQ(result.mistakes[0].suggestion.words, "remove it, or remove tls = false");
  }
  const Validated identity =
      validated(plain + "cert = \"a.pem\"\nkey = \"a.pem\"\n", {}, folder.path());
  REQUIRE_EQ(identity.mistakes.size(), 2);
  CHECK_EQ(identity.mistakes[0].what, "cert does nothing with tls = false");
  CHECK_EQ(identity.mistakes[1].what, "key does nothing with tls = false");
}

TEST_CASE("a list of revoked certificates is a file, and somebody asks it") {
  const TemporaryFolder folder;
  folder.write("ca.crl", "");
  CHECK_EQ(all_texts(validated(CLIENT "crl = \"ca.crl\"", {}, folder.path())), "");
  CHECK_EQ(all_texts(validated(CLIENT "verify = \"none\"\ncrl = \"ca.crl\"", {}, folder.path())),
           "t.toml:6:1: service \"vnc\": crl does nothing with verify = \"none\"\n"
           "    verify = \"full\"\n");
  CHECK_EQ(all_texts(validated(CLIENT "crl = \".\"", {}, folder.path())),
           "t.toml:5:7: service \"vnc\": crl: " + (folder.path() / ".").string() +
               " is a folder, where a file is wanted\n");
  CHECK_EQ(all_texts(validated(CLIENT "crl = \"no.crl\"", {}, folder.path())),
           "t.toml:5:7: service \"vnc\": crl: there is no file " +
               (folder.path() / "no.crl").string() +
               "\n    paths are relative to the configuration file\n");
}

TEST_CASE("a server's clients speak TLS, and are told nothing in the clear") {
  const TemporaryFolder folder;
  folder.write("a.pem", "");
  const std::string server =
      "[service.a]\naccept = 5900\nconnect = \"a:1\"\ncert = \"a.pem\"\nkey = \"a.pem\"\n";
  CHECK_EQ(all_texts(validated(server + "explain = \"vnc\"", {}, folder.path())),
           "t.toml:6:1: service \"a\": explain does nothing in server mode, where clients speak "
           "TLS to this end\n    remove it, or say client = true\n");
  // [defaults] is for those that can
  const Validated result = validated(server + "[defaults]\nexplain = \"vnc\"", {}, folder.path());
  CHECK_EQ(all_texts(result), "");
  CHECK(result.config.services.at(0).explain == Explain::off);
}

TEST_CASE("what contradicts itself is a mistake") {
  check_all({
      {"ca that nobody asks", CLIENT "verify = \"none\"\nca = \"system\"",
       "t.toml:6:1: service \"vnc\": ca does nothing with verify = \"none\"\n"
       "    verify = \"full\"\n"},
      {"no version left", CLIENT "min_version = \"1.3\"\nmax_version = \"1.2\"",
       "t.toml:5:15: service \"vnc\": min_version is above max_version: no version is left\n"
       "    min_version = \"1.2\"\n"},
      {"no version left together with [defaults]",
       CLIENT "max_version = \"1.2\"\n[defaults]\nmin_version = \"1.3\"\n",
       "t.toml:5:15: service \"vnc\": min_version is above max_version: no version is left\n"
       "    min_version = \"1.2\"\n"},
  });
  // both stand in [defaults]: the service would fail at its first connection
  const Validated both =
      validated(CLIENT "[defaults]\nmin_version = \"1.3\"\nmax_version = \"1.2\"\n");
  REQUIRE_EQ(both.mistakes.size(), 1);
  CHECK_EQ(both.mistakes[0].what, "min_version is above max_version: no version is left");
  CHECK_EQ(both.mistakes[0].place.line, 6);
}

std::string two(const std::string& first, const std::string& second) {
  return all_texts(validated("[service.a]\nclient = true\nconnect = \"x:1\"\naccept = " + first +
                             "\n[service.b]\nclient = true\nconnect = \"x:1\"\naccept = " + second +
                             "\n"));
}

TEST_CASE("two services on one address are a mistake") {
  const std::string taken =
      "t.toml:8:10: service \"b\": accept: port 5999 is already taken by service \"a\" "
      "(t.toml:4)\n    give each its own port, or accept = 0 to let the system pick one\n";
  const std::string overlapping[][2] = {
      {"5999", "5999"},
      {"5999", "\"127.0.0.1:5999\""},
      {"5999", "\"[::1]:5999\""},
      {"5999", "\"localhost:5999\""},
      {"\"localhost:5999\"", "\"[::1]:5999\""},
      {"\"0.0.0.0:5999\"", "\"192.0.2.1:5999\""},
      {"\"192.0.2.1:5999\"", "\"0.0.0.0:5999\""},
      {"\"[::]:5999\"", "\"[2001:db8::1]:5999\""},
      {"\"[::]:5999\"", "5999"},
      {"\"[::1]:5999\"", "\"[0:0:0:0:0:0:0:1]:5999\""},
  };
  for (const auto& services : overlapping) {
    const std::string &first = services[0], &second = services[1];
    CAPTURE(first);
    CAPTURE(second);
    CHECK_EQ(two(first, second), taken);
  }
}

TEST_CASE("addresses that differ may live side by side") {
  const std::string apart[][2] = {
      {"5999", "5998"},
      {"0", "0"},
      {"\"127.0.0.1:0\"", "0"},
      {"\"127.0.0.1:5999\"", "\"[::1]:5999\""},
      {"\"127.0.0.1:5999\"", "\"127.0.0.2:5999\""},
      {"\"0.0.0.0:5999\"", "\"[::]:5999\""},
      {"\"0.0.0.0:5999\"", "\"[::1]:5999\""},
      {"\"[::]:5999\"", "\"127.0.0.1:5999\""},
  };
  for (const auto& services : apart) {
    const std::string &first = services[0], &second = services[1];
    CAPTURE(first);
    CAPTURE(second);
    CHECK_EQ(two(first, second), "");
  }
}

TEST_CASE("an address listed twice is a mistake") {
  check_all({
      {"a port and its address",
       "[service.vnc]\nclient = true\nconnect = \"a:1\"\naccept = [5999, \"127.0.0.1:5999\"]\n",
       "t.toml:4:17: service \"vnc\": accept: port 5999 is listed twice\n"
       "    give each its own port, or accept = 0 to let the system pick one\n"},
      {"the place is that of the address",
       "[service.vnc]\nclient = true\nconnect = \"a:1\"\naccept = [1, 1, 2, 3]\n",
       "t.toml:4:14: service \"vnc\": accept: port 1 is listed twice\n"
       "    give each its own port, or accept = 0 to let the system pick one\n"},
  });
}

TEST_CASE("a service that connects to itself is a mistake") {
  const std::string words =
      " is where this service itself listens\n    let accept and connect differ\n";
  const auto loop = [](const std::string& accept, const std::string& connect) {
    return all_texts(validated("[service.vnc]\nclient = true\naccept = " + accept +
                               "\nconnect = \"" + connect + "\"\n"));
  };
  const std::string at = "t.toml:3:10: service \"vnc\": connect: ";
  CHECK_EQ(loop("5999", "localhost:5999"), at + "localhost:5999" + words);
  CHECK_EQ(loop("5999", "127.0.0.1:5999"), at + "127.0.0.1:5999" + words);
  CHECK_EQ(loop("5999", "[::1]:5999"), at + "[::1]:5999" + words);
  CHECK_EQ(loop("\"0.0.0.0:5999\"", "127.0.0.1:5999"), at + "127.0.0.1:5999" + words);
  CHECK_EQ(loop("5999", "localhost:5998"), "");
  CHECK_EQ(loop("5999", "relay.example:5999"), "");
  CHECK_EQ(loop("\"127.0.0.1:5999\"", "127.0.0.2:5999"), "");
}

TEST_CASE("a relay on every interface may lead to the same port of another machine") {
  const TemporaryFolder folder;
  folder.write("a.pem", "");
  const auto relay = [&](const std::string& accept, const std::string& connect) {
    return all_texts(validated("[service.vnc]\naccept = " + accept + "\nconnect = \"" + connect +
                                   "\"\ncert = \"a.pem\"\nkey = \"a.pem\"\n",
                               {}, folder.path()));
  };
  CHECK_EQ(relay("5900", "192.168.1.7:5900"), "");
  CHECK_EQ(relay("5900", "raspberrypi:5900"), "");
  CHECK_EQ(relay("5900", "[2001:db8::7]:5900"), "");
  CHECK_EQ(relay("\"0.0.0.0:5900\"", "192.168.1.7:5900"), "");
  CHECK_NE(relay("5900", "127.0.0.1:5900"), "");
  CHECK_NE(relay("5900", "localhost:5900"), "");
}

TEST_CASE("[log] and [process] have their own mistakes") {
  check_all({
      {"level", CLIENT "[log]\nlevel = \"warning\"",
       "t.toml:6:9: log: level: \"warning\" is none of \"error\", \"warn\", \"info\", \"debug\" "
       "and \"trace\"\n    level = \"warn\"\n"},
      {"format", CLIENT "[log]\nformat = \"jsonl\"",
       "t.toml:6:10: log: format: \"jsonl\" is none of \"text\" and \"json\"\n"
       "    format = \"json\"\n"},
      {"time", CLIENT "[log]\ntime = \"yes\"",
       "t.toml:6:8: log: time: true or false is needed, not a string\n    time = true\n"},
      {"file", CLIENT "[log]\nfile = \"\"",
       "t.toml:6:8: log: file: the string is empty\n    give it a value, or remove the key\n"},
      {"no worker", CLIENT "[process]\nworkers = 0",
       "t.toml:6:11: process: workers: 0 is not from 1 to 64\n    workers = 1\n"},
      {"too many workers", CLIENT "[process]\nworkers = 65",
       "t.toml:6:11: process: workers: 65 is not from 1 to 64\n    workers = 64\n"},
  });
}

TEST_CASE("all mistakes of a file come at once and in its order") {
  CHECK_EQ(all_texts(validated("[process]\n"
                               "workers = 0\n"
                               "[service.b]\n"
                               "client = true\n"
                               "connect = \"b\"\n"
                               "accept = 70000\n"
                               "bogus = 1\n"
                               "[log]\n"
                               "level = 3\n"
                               "[service.a]\n"
                               "client = true\n"
                               "accept = 5999\n"
                               "connect = \"a:443\"\n"
                               "keepalive = 60\n")),
           "t.toml:2:11: process: workers: 0 is not from 1 to 64\n    workers = 1\n"
           "t.toml:5:11: service \"b\": connect: \"b\" has no port\n    connect = \"b:443\"\n"
           "t.toml:6:10: service \"b\": accept: port 70000 is not a number from 0 to 65535\n"
           "    accept = 5999\n"
           "t.toml:7:1: service \"b\": unknown key \"bogus\"\n"
           "t.toml:9:9: log: level: one of \"error\", \"warn\", \"info\", \"debug\" and \"trace\" "
           "is needed, not a whole number\n    level = \"error\"\n"
           "t.toml:14:13: service \"a\": keepalive: 60 has no unit: ms, s, m, h or d\n"
           "    keepalive = \"60s\"\n");
}

TEST_CASE("a mistake in [defaults] is told once however many services use it") {
  const Validated result = validated(
      "[defaults]\nidle_timeout = 5\nbogus = 1\n"
      "[service.a]\nclient = true\naccept = 1\nconnect = \"x:1\"\n"
      "[service.b]\nclient = true\naccept = 2\nconnect = \"x:1\"\n");
  REQUIRE_EQ(result.mistakes.size(), 2);
  CHECK_EQ(result.mistakes[0].key, "idle_timeout");
  CHECK_EQ(result.mistakes[0].what, "5 has no unit: ms, s, m, h or d");
  CHECK_EQ(result.mistakes[1].text(), "t.toml:3:1: defaults: unknown key \"bogus\"");
}

}  // namespace
}  // namespace tunnel::config
