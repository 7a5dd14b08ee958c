// One slip in a file is one mistake, and its text is shown as it was written.
#include <doctest/doctest.h>

#include <vector>

#include "support/configuration.hpp"

namespace tunnel::config {
namespace {

using test::all_texts;
using test::validated;

TEST_CASE("a key that is misspelt or has a wrong value is the only mistake") {
  const std::string client = "client = true\n";
  const std::string addresses = "accept = 5999\nconnect = \"a:1\"\n";
  for (const std::string& lines : std::vector<std::string>{
           "client = \"true\"\n" + addresses,
           "client = 1\n" + addresses + "server_name = \"b\"\n",
           "clinet = true\n" + addresses,
           "Client = true\n" + addresses + "verify = \"none\"\n",
           "tls = \"false\"\n" + addresses,
           "TLS = false\n" + addresses,
           client + "acept = 5999\nconnect = \"a:1\"\n",
           client + "accept = 5999\nconect = \"a:1\"\n",
           client + "accept = \"x y\"\nconnect = \"a:1\"\n",
           client + "accept = 5999\nconnect = [\"a:1\", \"b\"]\nbalance = \"random\"\n",
           client + addresses + "verify = \"ful\"\nca = \"system\"\n",
           client + addresses + "allow = [\"10.0.0.0/8\", \"x\"]\ndeny = \"192.0.2.1\"\n",
           client + addresses + "allow = \"10.0.0.0/8\"\ndeny = [\"10.1.0.0/16\", \"x\"]\n",
       }) {
    CAPTURE(lines);
    const Validated result = validated("[service.vnc]\n" + lines);
    CHECK_EQ(result.mistakes.size(), 1);
    CAPTURE(all_texts(result));
    CHECK_EQ(all_texts(result).find("missing"), std::string::npos);
  }
}

TEST_CASE("a key of the defaults can be in doubt too") {
  const std::string service = "[service.vnc]\naccept = 5999\nconnect = \"a:1\"\n";
  for (const std::string defaults : {"client = \"yes\"", "clientt = true"}) {
    CAPTURE(defaults);
    CHECK_EQ(validated("[defaults]\n" + defaults + "\n" + service).mistakes.size(), 1);
  }
}

TEST_CASE("a section without the name of a service is the only mistake") {
  const std::string keys = "client = true\naccept = 5999\nconnect = \"a:1\"\n";
  struct Row {
    std::string header;
    std::string right;
  };
  for (const Row& row : std::vector<Row>{{"", "[service.vnc]"},
                                         {"[pi]\n", "[service.pi]"},
                                         {"[\"my pi\"]\n", "[service.my-pi]"},
                                         {"[[service.pi]]\n", "[service.pi]"},
                                         {"[service.\"my pi\"]\n", "[service.my-pi]"},
                                         {"[servce.pi]\n", "[service.pi]"}}) {
    CAPTURE(row.header);
    const Validated result = validated(row.header + keys);
    const std::string all = all_texts(result);
    CAPTURE(all);
    CHECK_EQ(result.mistakes.size(), 1);
    CHECK_NE(all.find("\n    " + row.right + "\n"), std::string::npos);
  }
}

TEST_CASE("a path that escapes have changed is told with single quotes") {
  const std::string client = "[service.x]\nclient = true\naccept = 1\nconnect = \"a:1\"\n";
  struct Row {
    std::string line;
    std::string escapes;
    std::string right;
  };
  for (const Row& row : std::vector<Row>{
           {"ca = \"C:\\new\\table.pem\"", "\\n is a line feed and \\t is a tab",
            "ca = 'C:\\new\\table.pem'"},
           {"ca = [\"system\", \"\\\\relay\\bin\\nas.pem\"]", "\\b is a backspace",
            "ca = '\\\\relay\\bin\\nas.pem'"},
           {"crl = \"C:\\\\a\\revoked.crl\"", "\\r is a carriage return",
            "crl = 'C:\\a\\revoked.crl'"},
           {"[log]\nfile = \"C:\\temp\\f.log\"", "\\t is a tab and \\f is a form feed",
            "file = 'C:\\temp\\f.log'"},
           {"[status]\nlisten = \"unix:C:\\temp\\new\"", "\\t is a tab and \\n is a line feed",
            "listen = 'unix:C:\\temp\\new'"},
           {"verify = \"\\none\"", "\\n is a line feed", "verify = '\\none'"},
       }) {
    CAPTURE(row.line);
    const Validated result = validated(client + row.line + "\n");
    const std::string all = all_texts(result);
    CAPTURE(all);
    REQUIRE_EQ(result.mistakes.size(), 1);
    CHECK_NE(all.find("a backslash begins an escape, and " + row.escapes), std::string::npos);
    CHECK_NE(all.find("\n    " + row.right + "\n"), std::string::npos);
  }
}

TEST_CASE("escapes that were meant change nothing") {
  const std::string client = "[service.x]\nclient = true\naccept = 1\nconnect = \"a:1\"\n";
  CHECK_NE(all_texts(validated(client + "ca = \"C:\\\\new.pem\"\n")).find("there is no file"),
           std::string::npos);
  CHECK_NE(all_texts(validated(client + "ca = 'C:\\new.pem'\n")).find("there is no file"),
           std::string::npos);
}

TEST_CASE("letters of any language are shown as they are") {
  const std::string all =
      all_texts(validated("[service.\"\u5de5\u5834\"]\nclient = true\naccept = 1\nconnect = "
                          "\"a:1\"\n\"\u00e4\" = 1\nverify = \"\u5168\"\n"));
  CHECK_EQ(all.find("\\x"), std::string::npos);
  CHECK_NE(all.find("service \"\u5de5\u5834\": "), std::string::npos);
  const std::string odd = all_texts(validated("\"a\u202eb\" = 1\n"));
  CHECK_NE(odd.find("a\\u202eb"), std::string::npos);
}

TEST_CASE("a host in other letters is told what is wanted") {
  const std::string client = "[service.x]\nclient = true\naccept = 1\n";
  struct Row {
    std::string line;
    std::string told;
  };
  for (const Row& row : std::vector<Row>{
           {"connect = \"m\u00fcnchen.example:443\"", "which begins with xn--"},
           {"connect = \"\u4f8b\u3048.example:443\"", "which begins with xn--"},
           {"connect = \"a:1\"\nserver_name = \"m\u00fcnchen.example\"", "which begins with xn--"},
           {"connect = \"relay.example\uff1a443\"",
            "\uff1a is a full-width sign\n    connect = \"relay.example:443\"\n"},
           {"connect = \"relay.example:\uff14\uff14\uff13\"",
            "is a full-width digit\n    connect = \"relay.example:443\"\n"},
           {"connect = \"relay\u3002example:443\"",
            "is an ideographic full stop\n    connect = \"relay.example:443\"\n"},
           {"connect = \"203\u20130\u2013113\u20137.example:443\"",
            "is a typographic dash\n    connect = \"203-0-113-7.example:443\"\n"},
           {"connect = \"relay.example:443\u00a0\"",
            "there is a no-break space (U+00A0)\n    connect = "},
       }) {
    CAPTURE(row.line);
    const std::string all = all_texts(validated(client + row.line + "\n"));
    CAPTURE(all);
    CHECK_NE(all.find(row.told), std::string::npos);
    CHECK_EQ(all.find("\\x"), std::string::npos);
  }
}

}  // namespace
}  // namespace tunnel::config
