// Slips of TOML: each is told with the line that was meant, which the parser takes.
#include "config/toml_slips.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "config/parse.hpp"
#include "support/configuration.hpp"

namespace tunnel::config {
namespace {

Mistake refused(const std::string& text) {
  const auto parsed = parse(text, "t.toml");
  const Mistake* const mistake = std::get_if<Mistake>(&parsed);
  REQUIRE(mistake != nullptr);
  return *mistake;
}

bool is_toml(const std::string& text) {
  return std::holds_alternative<RawTable>(parse(text, "t.toml"));
}

// A suggestion of several lines as they stand in a file.
std::string as_lines(std::string suggestion) {
  for (auto at = suggestion.find("\n    "); at != suggestion.npos; at = suggestion.find("\n    "))
    suggestion.erase(at + 1, 4);
  return suggestion;
}

struct Row {
  std::string wrong;
  std::string right;
  std::string why = {};  // a part of the message
};

void check_rows(const std::vector<Row>& rows, const std::string& before, const std::string& after) {
  for (const Row& row : rows) {
    CAPTURE(row.wrong);
    const Mistake mistake = refused(before + row.wrong + after);
    CHECK_EQ(as_lines(mistake.suggestion.words), row.right);
    CHECK_EQ(mistake.what.find("error while parsing"), std::string::npos);
    CHECK_NE(mistake.what.find(row.why), std::string::npos);
    CHECK(is_toml(before + row.right + after));
  }
}

const std::string service = "[service.vnc]\nclient = true\n";

TEST_CASE("a line with a slip is suggested as it was meant") {
  check_rows(
      {
          // characters that look right
          {"connect = \u201crelay.example:443\u201d", "connect = \"relay.example:443\"",
           "\u201c is a typographic quote"},
          {"connect = \u201erelay.example:443\u201c  # a relay",
           "connect = \"relay.example:443\"  # a relay"},
          {"connect = \"relay.example:443\u201d", "connect = \"relay.example:443\""},
          {"connect = \u2018relay.example:443\u2019", "connect = 'relay.example:443'"},
          {"connect = `relay.example:443`", "connect = 'relay.example:443'", "a backtick"},
          {"connect = \u00abrelay.example:443\u00bb", "connect = \"relay.example:443\""},
          {"connect = \uff02relay.example:443\uff02", "connect = \"relay.example:443\""},
          {"accept \uff1d 5999", "accept = 5999", "\uff1d is a full-width sign"},
          {"accept = \uff15\uff19\uff19\uff19", "accept = 5999", "a full-width digit"},
          {"\uff41ccept = 5999", "accept = 5999", "a full-width letter"},
          {"accept\u00a0= 5999", "accept = 5999", "there is a no-break space (U+00A0)"},
          {"accept =\u30005999", "accept = 5999", "there is an ideographic space (U+3000)"},
          {"\u200baccept = 5999", "accept = 5999", "there is an invisible character (U+200B)"},
          {"\ufeffaccept = 5999", "accept = 5999", "there is a byte order mark (U+FEFF)"},
          {"allow = \uff3b\"192.0.2.1\"\uff0c \"192.0.2.2\"\uff3d",
           "allow = [\"192.0.2.1\", \"192.0.2.2\"]"},
          {"\u00a0", "#", "no-break space"},
          {"\uff03 mine", "# mine"},
          // strings
          {"connect = relay.example:443", "connect = \"relay.example:443\"", "needs quotes"},
          {"connect = 203-0-113-7.relay.example:443",
           "connect = \"203-0-113-7.relay.example:443\""},
          {"connect = [2001:db8::1]:443", "connect = \"[2001:db8::1]:443\""},
          {"connect = relay.example:443   # mine", "connect = \"relay.example:443\"  # mine"},
          {"connect = relay.example 443", "connect = \"relay.example:443\""},
          {"allow = 192.0.2.0/24", "allow = \"192.0.2.0/24\""},
          {"allow = 192.0.2.1, 192.0.2.2", "allow = [\"192.0.2.1\", \"192.0.2.2\"]"},
          {"allow = \"192.0.2.1\", \"192.0.2.2\"", "allow = [\"192.0.2.1\", \"192.0.2.2\"]"},
          {"allow = [192.0.2.1, 192.0.2.2]", "allow = [\"192.0.2.1\", \"192.0.2.2\"]"},
          {"open_for = 30m", "open_for = \"30m\""},
          {"explain = off", "explain = \"off\""},
          {"verify = none", "verify = \"none\""},
          {"ca = ~/ca.pem", "ca = \"~/ca.pem\""},
          {"ca = C:\\certs\\ca.pem", "ca = 'C:\\certs\\ca.pem'"},
          {"ca = 'it's.pem'", "ca = \"it's.pem\""},
          {"connect = \"relay.example:443", "connect = \"relay.example:443\"", "no closing quote"},
          {"connect = 'relay.example:443", "connect = \"relay.example:443\"", "no closing quote"},
          {"connect = \"relay.example:443  # mine", "connect = \"relay.example:443\"  # mine"},
          {"connect = relay.example:443\"", "connect = \"relay.example:443\"", "no opening quote"},
          {"connect = \"relay.example:443'", "connect = \"relay.example:443\"", "different quotes"},
          // backslashes
          {"ca = \"C:\\certs\\ca.pem\"", "ca = 'C:\\certs\\ca.pem'", "backslash"},
          {"ca = \"\\\\server\\share\\ca.pem\"", "ca = '\\\\server\\share\\ca.pem'", "backslash"},
          {"ca = \"C:\\certs\\\"", "ca = 'C:\\certs\\'", "backslash"},
          {"ca = \"C:\\\\certs\\ca.pem\"", "ca = 'C:\\certs\\ca.pem'", "backslash"},
          {"ca = [\"C:\\certs\\a.pem\", \"b.pem\"]", "ca = ['C:\\certs\\a.pem', \"b.pem\"]"},
          {"ca = \"C:\\it's\\ca.pem\"", "ca = \"C:\\\\it's\\\\ca.pem\""},
          // true and false
          {"tls = yes", "tls = true", "true and false, not yes"},
          {"tls = True", "tls = true"},
          {"tls = on", "tls = true"},
          {"tls = NO # plain", "tls = false  # plain"},
          {"tls = off", "tls = false"},
          {"tls = FALSE", "tls = false"},
          // keys and signs
          {"accept: 5999", "accept = 5999", "joined by =, not by :"},
          {"connect: relay.example:443", "connect = \"relay.example:443\""},
          {"connect: \"relay.example:443\"", "connect = \"relay.example:443\""},
          {"\"accept\": 5999,", "accept = 5999"},
          {"accept := 5999", "accept = 5999"},
          {"accept == 5999", "accept = 5999"},
          {"accept => 5999", "accept = 5999"},
          {"accept 5999", "accept = 5999", "joined by ="},
          {"connect relay.example:443", "connect = \"relay.example:443\""},
          {"server name = \"relay.example\"", "server_name = \"relay.example\"", "no blanks"},
          {"set accept = 5999", "accept = 5999"},
          {"accept = 05999", "accept = 5999"},
          {"accept = :5999", "accept = 5999"},
          {"accept =", "accept = 5999", "no value"},
          {"connect =  # later", "connect = \"relay.example:443\"", "no value"},
          // what stands behind
          {"accept = 5999;", "accept = 5999", "; after the value"},
          {"accept = 5999,", "accept = 5999"},
          {"connect = \"relay.example:443\";", "connect = \"relay.example:443\""},
          {"connect = \"relay.example:443\", # mine", "connect = \"relay.example:443\"  # mine"},
          {"accept = 5999 // mine", "accept = 5999  # mine", "a comment begins with #"},
          {"connect = \"relay.example:443\" ; mine", "connect = \"relay.example:443\"  # mine"},
          {"accept = 5999 tls = true", "accept = 5999\ntls = true", "own line"},
          {"accept = 5999, tls = true", "accept = 5999\ntls = true"},
          // comments
          {"; mine", "# mine", "a comment begins with #"},
          {"// mine", "# mine"},
          {"/* mine */", "# mine"},
          {"-- mine", "# mine"},
          {"this is mine", "# this is mine"},
          // lists
          {"allow = [\"192.0.2.1\" \"192.0.2.2\"]", "allow = [\"192.0.2.1\", \"192.0.2.2\"]"},
          {"allow = [\"192.0.2.1\"; \"192.0.2.2\"]", "allow = [\"192.0.2.1\", \"192.0.2.2\"]"},
          {"allow = [\"192.0.2.1\",, \"192.0.2.2\"]", "allow = [\"192.0.2.1\", \"192.0.2.2\"]"},
          {"allow = [\"192.0.2.1\", \"192.0.2.2\"", "allow = [\"192.0.2.1\", \"192.0.2.2\"]",
           "no closing bracket"},
          {"allow = \"192.0.2.1\"]", "allow = \"192.0.2.1\""},
          // times
          {"until = 2030-01-31 18:00", "until = 2030-01-31T18:00:00Z"},
          {"until = 2030-01-31T18:00:00 +0900", "until = 2030-01-31T18:00:00+09:00"},
          {"until = 2030/01/31 18:00:00 UTC", "until = 2030-01-31T18:00:00Z"},
      },
      service, "\nkeepalive = \"60s\"\n");
}

TEST_CASE("a section's name is suggested as it was meant") {
  check_rows(
      {
          {"[service.my vnc]", "[service.my-vnc]", "letters, digits"},
          {"[service vnc]", "[service.vnc]"},
          {"[service:vnc]", "[service.vnc]"},
          {"[service/vnc]", "[service.vnc]"},
          {"[service.\u5de5\u5834]", "[service.vnc]", "letters, digits"},
          {"[service.m\u00fcller's]", "[service.m-llers]", "letters, digits"},
          {"[service.vnc", "[service.vnc]", "no closing bracket"},
          {"service.vnc]", "[service.vnc]"},
          {"[service.vnc]]", "[service.vnc]"},
          {"<service.vnc>", "[service.vnc]"},
          {"(service.vnc)", "[service.vnc]"},
          {"[service.vnc];", "[service.vnc]"},
          {"[service.vnc]:", "[service.vnc]"},
          {"[service.]", "[service.vnc]"},
          {"[service.vnc] // mine", "[service.vnc] # mine"},
          {"[service.vnc] client = true", "[service.vnc]\nclient = true"},
          {"\uff3bservice.vnc\uff3d", "[service.vnc]", "full-width"},
          {"\ufeff[service.vnc]", "[service.vnc]", "byte order mark"},
          {"[log", "[log]"},
      },
      "# mine\n", "\naccept = 5999\n");
}

TEST_CASE("a slip that the parser meets later is found where it is") {
  struct Later {
    std::string text;
    std::uint32_t line;
    std::string right;
  };
  for (const Later& row : std::vector<Later>{
           {"allow = [\"192.0.2.1\"\naccept = 5999\n", 1, "allow = [\"192.0.2.1\"]"},
           {"allow = [\n\"192.0.2.1\"\n\"192.0.2.2\"\n]\n", 2, "\"192.0.2.1\","},
           {"allow = [\n192.0.2.1,\n\"192.0.2.2\"\n]\n", 2, "\"192.0.2.1\","},
           {"ca = \"\"\"a.pem\naccept = 5999\n", 1, "ca = \"a.pem\""},
           {"allow = [\"192.0.2.1\"\n", 1, "allow = [\"192.0.2.1\"]"},
       }) {
    CAPTURE(row.text);
    const Mistake mistake = refused(row.text);
    CHECK_EQ(mistake.place.line, row.line);
    CHECK_EQ(mistake.suggestion.words, row.right);
  }
}

TEST_CASE("what is given twice is told with the line of the first") {
  const auto text_of = [](const std::string& text) { return refused(text).text(); };
  CHECK_EQ(text_of(service + "connect = \"a:1\"  # one\nconnect = 'b:1'\n"),
           "t.toml:4:11: not TOML: connect is in line 3 already: keep one of them, or write "
           "both as\n    connect = [\"a:1\", 'b:1']");
  CHECK_EQ(text_of(service + "client = false\n"),
           "t.toml:3:10: not TOML: client is in line 2 already: keep one of them, such as\n"
           "    client = false");
  CHECK_EQ(text_of(service + "[service.vnc]\naccept = 1\n"),
           "t.toml:3:1: not TOML: [service.vnc] is in line 1 already: move its keys there, or give "
           "the service another name\n    [service.vnc-2]");
}

TEST_CASE("a file of another kind is called by its name") {
  const std::string right =
      "[service.vnc]\nclient = true\naccept = 5999\nconnect = [\"a:1\", \"b:2\"]";
  const std::vector<Row> rows = {
      {"{\"service\": {\"vnc\": {\"client\": true, \"accept\": 5999, \"connect\": [\"a:1\", "
       "\"b:2\"]}}}\n",
       right, "this is JSON"},
      {"{\"client\": true, \"accept\": 5999, \"connect\": [\"a:1\", \"b:2\"]}", right,
       "this is JSON"},
      {"service:\n  vnc:\n    client: yes\n    accept: 5999\n    connect:\n      - a:1\n      - "
       "\"b:2\"\n",
       right, "this is YAML"},
      {"---\n# mine\nservice:\n  vnc:\n    client: true # a client\n    accept: 5999\n    connect: "
       "[a:1, 'b:2']\n",
       right, "this is YAML"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.wrong);
    const Mistake mistake = refused(row.wrong);
    CHECK_EQ(as_lines(mistake.suggestion.words), row.right);
    CHECK_NE(mistake.what.find(row.why), std::string::npos);
    CHECK_EQ(test::all_texts(test::validated(as_lines(mistake.suggestion.words))), "");
  }
  for (const std::string text :
       {"{", "{\"a\": [1, 2}", "<!DOCTYPE html>\n", "---\n", "a:\n- 1\n"}) {
    CAPTURE(text);
    const Mistake mistake = refused(text);
    CHECK(is_toml(as_lines(mistake.suggestion.words)));
  }
  CHECK_NE(refused("-----BEGIN CERTIFICATE-----\nMIIB\n").what.find("this is a certificate"),
           std::string::npos);
}

TEST_CASE("what can't be guessed has a next step too") {
  for (const std::string text : {"= 1", "a = 9223372036854775808", "a = 1\n[a]\n", "[", "?",
                                 "a = \"\x01\"", "connect = \"\"\"a", "a = {"}) {
    CAPTURE(text);
    CHECK_FALSE(refused(text).suggestion.empty());
  }
}

TEST_CASE("long and deep lines end in a message") {
  for (const std::string& line :
       {"a = " + std::string(1900, '['), "a = " + std::string(1900, '{'), std::string(50'000, '['),
        "a = " + std::string(1900, '-') + "x", std::string(1900, '"'), std::string(900, ';') + "=",
        std::string(900, ':'), std::string(60'000, '{')}) {
    CAPTURE(line.substr(0, 10));
    CHECK_GT(refused(line).what.size(), 10);
  }
}

}  // namespace
}  // namespace tunnel::config
