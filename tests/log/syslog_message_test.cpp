// Messages of syslog, byte for byte against the ABNF of RFC 5424.
#include "log/syslog_message.hpp"

#include <doctest/doctest.h>

#include "log/journal_entry.hpp"
#include "support/log_event.hpp"

namespace tunnel {
namespace {

using namespace std::chrono;

constexpr LogTime at = sys_days(2026y / 1 / 31) + 12h + 5ms;
const SyslogOrigin origin{"relay.example", "4711"};

TEST_CASE("a message of RFC 5424 has a header, structured data and the text in UTF-8") {
  CHECK_EQ(
      rfc5424_message(test::some_event(), LogFormat::text, origin, at),
      "<28>1 2026-01-31T12:00:00.005Z relay.example tunnel 4711 close "
      "[tunnel@32473 service=\"vnc\" connection=\"7\" up=\"12\" duration=\"1.500\" "
      "peer=\"127.0.0.1:5\" listen=\"a\" listen=\"b\"] \xef\xbb\xbfvnc#7: closed by the client");
}

TEST_CASE("without fields the structured data is nil, and so is an unknown host") {
  LogEvent event;
  event.event = "stopped";
  event.message = "stopped";
  for (const char* host : {"", "gr\xc3\xbc\xc3\x9f", "a b"})
    CHECK_EQ(rfc5424_message(event, LogFormat::text, {host, "1"}, at),
             "<30>1 2026-01-31T12:00:00.005Z - tunnel 1 stopped - \xef\xbb\xbfstopped");
  const std::string long_name(300, 'h');
  CHECK_NE(rfc5424_message(event, LogFormat::text, {long_name, "1"}, at)
               .find(" " + long_name.substr(0, 255) + " tunnel "),
           std::string::npos);
}

TEST_CASE("the priority is the facility daemon and the level's severity") {
  LogEvent event = test::some_event();
  const std::pair<LogLevel, const char*> all[] = {{LogLevel::error, "<27>1 "},
                                                  {LogLevel::warn, "<28>1 "},
                                                  {LogLevel::info, "<30>1 "},
                                                  {LogLevel::debug, "<31>1 "},
                                                  {LogLevel::trace, "<31>1 "}};
  for (const auto& [level, begin] : all) {
    event.level = level;
    CHECK(rfc5424_message(event, LogFormat::text, origin, at).starts_with(begin));
  }
}

TEST_CASE("quotes, backslashes and brackets are escaped in values, and there only") {
  LogEvent event;
  event.event = "x";
  event.message = "a\"b\\c]d";
  event.fields = {{"f", std::string("a\"b\\c]d[e")}, {"g", std::string("] evil=\"1\"")}};
  CHECK_EQ(rfc5424_message(event, LogFormat::text, origin, at),
           "<30>1 2026-01-31T12:00:00.005Z relay.example tunnel 4711 x "
           "[tunnel@32473 f=\"a\\\"b\\\\c\\]d[e\" g=\"\\] evil=\\\"1\\\"\"] "
           "\xef\xbb\xbf"
           "a\"b\\c]d");
}

TEST_CASE("no byte of a peer begins a line, ends a field, or isn't UTF-8") {
  LogEvent event;
  event.event = "x";
  event.service = "s\n";
  event.message = std::string("a\nb\0c\xff", 6);
  event.fields = {{"f", std::string("\x1e\r\n\x1b[31m")}};
  CHECK_EQ(rfc5424_message(event, LogFormat::text, origin, at),
           "<30>1 2026-01-31T12:00:00.005Z relay.example tunnel 4711 x "
           "[tunnel@32473 service=\"s\\\\n\" f=\"\\\\x1e\\\\r\\\\n\\\\x1b[31m\"] "
           "\xef\xbb\xbfs\\n: a\\nb\\x00c\\xff");
  CHECK_EQ(journal_datagram(journal_entry(event, LogFormat::text, 8192)),
           "PRIORITY=6\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=tunnel\n"
           "MESSAGE=s\\n: a\\nb\\x00c\\xff\nTUNNEL_EVENT=x\nTUNNEL_SERVICE=s\\n\n"
           "TUNNEL_F=\\x1e\\r\\n\\x1b[31m\n");
}

TEST_CASE("with the format json, the text is the object") {
  LogEvent event = test::some_event();
  event.fields = {{"sni", std::string("a\n")}};
  const std::string object =
      R"({"level":"warn","event":"close","service":"vnc","connection":7,"sni":"a\u000a",)"
      R"("message":"closed by the client"})";
  CHECK_EQ(syslog_text(event, LogFormat::json), object);
  CHECK(rfc5424_message(event, LogFormat::json, origin, at).ends_with("\xef\xbb\xbf" + object));
}

TEST_CASE("a message has its limit: fields are left out whole, and characters are not cut in two") {
  LogEvent event = test::some_event();
  for (std::size_t size = 500; size < 560; ++size) {
    event.message.clear();
    for (std::size_t i = 0; i < size; ++i) event.message += "\xc3\xbc";
    event.fields = {{"long", std::string(2000, 'x')}, {"short", std::string("y")}};
    const std::string out =
        rfc5424_message(event, LogFormat::text, {"h", "1", 1000 + size % 2}, at);
    CHECK_LE(out.size(), 1000 + size % 2);
    CHECK_EQ(out.find("long="), out.npos);
    CHECK_NE(out.find(" short=\"y\"] \xef\xbb\xbfvnc#7: \xc3\xbc"), out.npos);
    CHECK(out.ends_with("\xc3\xbc"));
  }
  event.message = std::string(9000, 'x');
  CHECK_EQ(local_syslog_message(event, LogFormat::text, origin).size(), 8192);
  CHECK_LE(journal_entry(event, LogFormat::text, 8192).size(), 8192);
}

TEST_CASE("a local daemon gets the line of syslog(3)") {
  CHECK_EQ(local_syslog_message(test::some_event(), LogFormat::text, origin),
           "<28>tunnel[4711]: vnc#7: closed by the client");
}

TEST_CASE("an entry of the journal has fields") {
  CHECK_EQ(journal_datagram(journal_entry(test::some_event(), LogFormat::text, 8192)),
           "PRIORITY=4\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=tunnel\n"
           "MESSAGE=vnc#7: closed by the client\nTUNNEL_EVENT=close\nTUNNEL_SERVICE=vnc\n"
           "TUNNEL_CONNECTION=7\nTUNNEL_UP=12\nTUNNEL_DURATION=1.500\nTUNNEL_PEER=127.0.0.1:5\n"
           "TUNNEL_LISTEN=a\nTUNNEL_LISTEN=b\n");
}

}  // namespace
}  // namespace tunnel
