// Peers that do not speak TLS, and the words that say what they speak instead.
#include <doctest/doctest.h>

#include "log/log.hpp"
#include "support/engine_pair.hpp"
#include "support/tls_context.hpp"

namespace tunnel::tls {
namespace {

using test::bytes_of;

std::shared_ptr<const Context> a_client() {
  static const auto context = test::client_context({});
  return context;
}
std::shared_ptr<const Context> a_server() {
  static const auto context =
      test::server_context(test::make_certificate({.names = {"relay.example"}}));
  return context;
}

// What the engine says when its peer sends these bytes, and then nothing more.
std::string words_of(bool client, const std::string& sent, const std::string& peer = "relay:443") {
  Engine engine(client ? a_client() : a_server(), peer,
                client ? x509::ServerName{"relay.example", false} : x509::ServerName{});
  REQUIRE(engine.handshake() == Engine::Status::starved);
  engine.output().clear();
  const Bytes wire = bytes_of(sent);
  engine.feed(wire);
  Engine::Status status = engine.handshake();
  if (status == Engine::Status::starved) {
    engine.feed_end();
    status = engine.handshake();
    CHECK(status == Engine::Status::truncated);
  }
  CHECK((status == Engine::Status::failed || status == Engine::Status::truncated));
  return engine.failure().message();
}

struct Row {
  std::string sent;
  std::string words;
};

const std::string option = "turn the relay's TLS option on, or set tls = false for this service";
const std::string through = "go through a client-mode tunnel";

const std::string encrypts =
    "turn the relay's TLS option on, or let the client encrypt, and set tls = false for this "
    "service";

TEST_CASE("a client names the protocol that it met in place of TLS") {
  const std::string expected = " where TLS was expected: this port speaks ";
  const std::string in_its_place =
      ", or a proxy or sign-in page on the way answers in its place; does this network want a "
      "sign-in in a browser first? else " +
      option;
  for (const Row& row : {
           Row{"SSH-2.0-OpenSSH_9.2\r\n",
               "\"SSH-2.0-OpenSSH_9.2\"" + expected + "SSH in the clear; " + option},
           Row{"RFB 003.008\n", "\"RFB 003.008\"" + expected + "VNC in the clear; " + option},
           Row{"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n",
               "\"HTTP/1.1 400 Bad Request\"" + expected + "HTTP in the clear; " + option},
           Row{"HTTP/1.1 302 Found\r\nLocation: http://portal/\r\n\r\n",
               "\"HTTP/1.1 302 Found\"" + expected + "HTTP in the clear" + in_its_place},
           Row{"<!DOCTYPE html>\n<html>",
               "with an HTML page" + expected + "HTTP in the clear" + in_its_place},
           Row{"220 mail.example ESMTP\r\n", "\"220 mail.example ESMTP\"" + expected +
                                                 "SMTP in the clear; use its port for TLS (465), " +
                                                 option},
           Row{"220 (vsFTPd 3.0.5)\r\n", "\"220 (vsFTPd 3.0.5)\"" + expected +
                                             "FTP in the clear; use its port for TLS (990), " +
                                             option},
           Row{"220 mail.example ready\r\n",
               "\"220 mail.example ready\" where TLS was expected; " + option},
           Row{"200 news.example NNTP\r\n", "\"200 news.example NNTP\"" + expected +
                                                "NNTP in the clear; use its port for TLS (563), " +
                                                option},
           Row{"-ERR unknown command\r\n",
               "\"-ERR unknown command\" where TLS was expected; " + option},
           Row{"* OK ready\r\n", "\"* OK ready\"" + expected +
                                     "IMAP in the clear; use its port for TLS (993), " + option},
           Row{"+OK POP3 ready\r\n", "\"+OK POP3 ready\"" + expected +
                                         "POP3 in the clear; use its port for TLS (995), " +
                                         option},
           Row{std::string("J\0\0\0\n8.0.36\0\x08\0\0\0", 15),
               "with a MySQL greeting" + expected + "MySQL in the clear; " + encrypts},
           Row{std::string("E\0\0\0\x63SFATAL\0VFATAL\0", 18),
               "with a PostgreSQL error" + expected + "PostgreSQL in the clear; " + encrypts},
           Row{std::string("\x03\0\0\x13\x0e", 5),
               "\"\\x03\\x00\\x00\\x13\\x0e\" where TLS was expected; " + option},
           Row{"hello there\r\n", "\"hello there\" where TLS was expected; " + option},
           Row{"\n\n", "\"\\n\\n\" where TLS was expected; " + option},
           Row{"hi", "\"hi\" where TLS was expected; " + option},
       })
    CHECK_EQ(words_of(true, row.sent), "relay:443 answered " + row.words);
}

TEST_CASE("a server names the protocol of a client that does not speak TLS") {
  const std::string instead = " instead of a TLS ClientHello";
  for (const Row& row : {
           Row{"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
               "\"GET / HTTP/1.1\"" + instead + ": it must use https, or " + through},
           Row{"PROPFIND /x HTTP/1.1\r\n\r\n",
               "\"PROPFIND /x HTTP/1.1\"" + instead + ": it must use https, or " + through},
           Row{"SSH-2.0-PuTTY\r\n",
               "\"SSH-2.0-PuTTY\"" + instead +
                   ": SSH encrypts by itself and fails where a relay's TLS option is on; set tls = "
                   "false for this service"},
           Row{std::string("\x03\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: mstshash=user\r\n", 34),
               "an RDP connection request" + instead +
                   ": RDP encrypts by itself and fails where a relay's TLS option is on; set tls = "
                   "false for this service"},
           Row{"RFB 003.008\n",
               "\"RFB 003.008\"" + instead + ": VNC comes in the clear; it must " + through},
           Row{std::string("\0\x01\0\0\0\x06\x01\x03\0\0\0\x0a", 12),
               "a Modbus/TCP request" + instead + ": Modbus/TCP comes in the clear; it must " +
                   through},
           Row{std::string("\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc0\x01\x0a", 14),
               "an ISO-on-TCP connection request" + instead +
                   ": S7, MMS and others that begin so come in the clear; it must " + through},
           Row{std::string("\x03\0\0\x0b\x06\xe0\0\0\0\0\0", 11),
               "\"\\x03\\x00\\x00\\x0b\\x06\\xe0\\x00\\x00\\x00\\x00\\x00\"" + instead +
                   "; it must speak TLS, or " + through},
           Row{"OPTIONS rtsp://camera/ RTSP/1.0\r\n", "\"OPTIONS rtsp://camera/ RTSP/1.0\"" +
                                                          instead + "; it must speak TLS, or " +
                                                          through},
           Row{"EHLO laptop\r\n", "\"EHLO laptop\"" + instead +
                                      ": SMTP comes in the clear; it must speak TLS from the "
                                      "start, without STARTTLS, or " +
                                      through},
           Row{std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8),
               "a PostgreSQL start-up message" + instead +
                   ": PostgreSQL asks for TLS in words of its own; set sslnegotiation=direct there "
                   "(PostgreSQL 17 and later), or let it go through a client-mode tunnel with "
                   "sslmode=disable"},
           Row{"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
               "a PROXY protocol header" + instead +
                   ": a load balancer on the way adds it, and nobody here asked for it; turn the "
                   "PROXY protocol off there"},
           Row{std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", 16),
               "a PROXY protocol header" + instead +
                   ": a load balancer on the way adds it, and nobody here asked for it; turn the "
                   "PROXY protocol off there"},
           Row{std::string("\x05\x01\0", 3),
               "a SOCKS greeting" + instead +
                   ": it takes this port for a proxy; take this address out of its proxy settings"},
           Row{std::string("\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10", 11),
               "a ClientHello of SSL 2.0" + instead +
                   ": it is too old, or ready for too old a server; it must speak TLS 1.2 or 1.3"},
           Row{std::string(6, '\0'), "\"\\x00\\x00\\x00\\x00\\x00\\x00\"" + instead +
                                         "; it must speak TLS, or " + through},
           Row{"GET", "\"GET\"" + instead + "; it must speak TLS, or " + through},
       })
    CHECK_EQ(words_of(false, row.sent), "relay:443 sent " + row.words);
}

TEST_CASE("the lines of the log are as promised") {
  const auto line = [](LogLevel level, std::uint64_t connection, bool client,
                       const std::string& peer, const std::string& sent) {
    const std::string message = words_of(client, sent, peer);
    return log_line({level, "failed", "vnc", connection, message}, LogFormat::text, "");
  };
  CHECK_EQ(line(LogLevel::error, 2, true, "relay.example:41234", "SSH-2.0-OpenSSH_9.2\r\n"),
           "error vnc#2: relay.example:41234 answered \"SSH-2.0-OpenSSH_9.2\" where TLS was "
           "expected: this port speaks SSH in the clear; turn the relay's TLS option on, or set "
           "tls = false for this service");
  CHECK_EQ(line(LogLevel::warn, 4, false, "198.51.100.9", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
           "warn  vnc#4: 198.51.100.9 sent \"GET / HTTP/1.1\" instead of a TLS ClientHello: it "
           "must use https, or go through a client-mode tunnel");
}

TEST_CASE("a stranger is heard out until it has said its first line") {
  const std::string line = "SSH-2.0-OpenSSH_9.2\r\n";
  for (std::size_t n = 5; n < line.size(); ++n) {
    CAPTURE(n);
    Engine engine(a_client(), "relay:443", {"relay.example", false});
    REQUIRE(engine.handshake() == Engine::Status::starved);
    const Bytes first = bytes_of(line.substr(0, n));
    engine.feed(first);
    REQUIRE(engine.handshake() == Engine::Status::failed);
    for (std::size_t i = n; i < line.size(); ++i) {
      CHECK(engine.hears_more());
      engine.hear(bytes_of(line.substr(i, 1)));
    }
    CHECK_FALSE(engine.hears_more());
    CHECK_EQ(engine.failure().message(),
             "relay:443 answered \"SSH-2.0-OpenSSH_9.2\" where TLS was expected: this port speaks "
             "SSH in the clear; " +
                 option);
  }
}

TEST_CASE("nobody is heard out without end, and nobody who has said enough") {
  for (const std::string sent : {"garbage\r\n", "GET / HTTP/1.1\r\n", "\x16\x03\x01\xff\xff"}) {
    CAPTURE(sent);
    Engine engine(a_server(), "relay:443");
    REQUIRE(engine.handshake() == Engine::Status::starved);
    const Bytes wire = bytes_of(sent);
    engine.feed(wire);
    REQUIRE(engine.handshake() == Engine::Status::failed);
    CHECK_FALSE(engine.hears_more());
  }
  Engine engine(a_server(), "relay:443");
  REQUIRE(engine.handshake() == Engine::Status::starved);
  const Bytes wire = bytes_of("GET /aaaaa");
  engine.feed(wire);
  REQUIRE(engine.handshake() == Engine::Status::failed);
  CHECK(engine.hears_more());
  engine.hear(bytes_of(std::string(1000, 'a')));
  CHECK_FALSE(engine.hears_more());
}

// What is said of a peer that sends these bytes and then ends, or is given up after 10 s.
struct Ending {
  bool client;
  std::string sent;
  std::string closed;
  std::string reset;
  std::string overdue;
};

TEST_CASE("a peer that ends, or says nothing more, is told about by what it has said") {
  const std::string hello{"\x16\x03\x03\x00\x7a\x02\x00", 7};
  const std::string of_nothing = " the connection without a byte of the TLS handshake; ";
  const std::string in_the_middle = " the connection in the middle of the TLS handshake; ";
  const std::string is_it_on =
      "is the relay's TLS option on, its time not up, and this machine's public address among "
      "those that it admits?";
  const std::string scan =
      "a port scan or a health check does so, and a program that waits for the other end to speak "
      "first";
  const std::string slow =
      " did not finish the TLS handshake within 10 s; the way to it may be slow, or lose large "
      "packets (MTU)";
  const std::string socks =
      " sent a SOCKS greeting instead of a TLS ClientHello: it takes this port for a proxy; take "
      "this address out of its proxy settings";
  for (const Ending& row : {
           Ending{true, "", " closed" + of_nothing + is_it_on, " reset" + of_nothing + is_it_on,
                  " did not answer the TLS handshake within 10 s; it may not speak TLS, and wait "
                  "for words of its own protocol: is its port right, and the relay's TLS option "
                  "on?"},
           Ending{true, hello,
                  " closed" + in_the_middle + "it does not say why: look at the log there",
                  " reset" + in_the_middle + "it does not say why: look at the log there", slow},
           Ending{false, "", " closed" + of_nothing + scan, " reset" + of_nothing + scan,
                  " sent nothing within 10 s: it waits for the other end to speak first, as "
                  "viewers of VNC and mail programs in the clear do; it must speak TLS, or " +
                      through},
           Ending{false, hello, " closed" + in_the_middle + "it may not trust this certificate",
                  " reset" + in_the_middle + "it may not trust this certificate", slow},
           Ending{false, std::string("\x05\x01\0", 3), socks, socks, socks},
       })
    for (const bool by_reset : {false, true}) {
      CAPTURE(row.client);
      CAPTURE(row.sent);
      Engine engine(row.client ? a_client() : a_server(), "relay:443",
                    row.client ? x509::ServerName{"relay.example", false} : x509::ServerName{});
      REQUIRE(engine.handshake() == Engine::Status::starved);
      const Bytes wire = bytes_of(row.sent);
      engine.feed(wire);
      REQUIRE(engine.handshake() == Engine::Status::starved);
      CHECK_EQ(engine.overdue(std::chrono::seconds(10)).message(), "relay:443" + row.overdue);
      engine.feed_end(by_reset);
      CHECK(engine.handshake() == Engine::Status::truncated);
      CHECK_EQ(engine.failure().message(), "relay:443" + (by_reset ? row.reset : row.closed));
    }
}

TEST_CASE("a port whose protocol asks for TLS in its own words is named") {
  const auto advice = [](const std::string& port, const std::string& protocol,
                         const std::string& request, const std::string& next) {
    return "port " + port + " is usually " + protocol + "'s, whose clients ask for TLS with " +
           request + " first, and tunnel begins with the handshake: " + next;
  };
  const std::string plain = "let the client encrypt, and set tls = false for this service";
  struct Port {
    std::string peer;
    std::string hint;
  };
  for (const Port& row : {
           Port{"db.example:5432", advice("5432", "PostgreSQL", "an SSLRequest", plain)},
           Port{"[2001:db8::7]:3306", advice("3306", "MySQL", "an SSLRequest", plain)},
           Port{"db.example:1433", advice("1433", "SQL Server", "a PRELOGIN message", plain)},
           Port{"192.0.2.7:25", advice("25", "SMTP", "STARTTLS", "use the port for TLS (465)")},
           Port{"a.example:587", advice("587", "SMTP", "STARTTLS", "use the port for TLS (465)")},
           Port{"a.example:143", advice("143", "IMAP", "STARTTLS", "use the port for TLS (993)")},
           Port{"a.example:110", advice("110", "POP3", "STLS", "use the port for TLS (995)")},
           Port{"a.example:21", advice("21", "FTP", "AUTH TLS", "use the port for TLS (990)")},
           Port{"a.example:389", advice("389", "LDAP", "StartTLS", "use the port for TLS (636)")},
           Port{"a.example:5222",
                advice("5222", "XMPP", "STARTTLS", "use the port for TLS (5223)")},
       }) {
    CAPTURE(row.peer);
    const auto hint = [](const std::string& words) { return words.substr(words.find("; ") + 2); };
    CHECK_EQ(hint(words_of(true, "", row.peer)), row.hint);
    CHECK_EQ(hint(words_of(true, "what?\r\n", row.peer)), row.hint);
    Engine engine(a_client(), row.peer, {"relay.example", false});
    REQUIRE(engine.handshake() == Engine::Status::starved);
    CHECK_EQ(engine.overdue(std::chrono::seconds(10)).hint, row.hint);
    // what speaks is known better by its bytes than by its port
    CHECK_EQ(hint(words_of(true, "SSH-2.0-OpenSSH_9.2\r\n", row.peer)), option);
    // the port of a client means nothing
    CHECK_EQ(words_of(false, "", row.peer).find("usually"), std::string::npos);
  }
  for (const std::string peer : {"a.example:5433", "a.example", "unix:/run/5432", "unix:a:5432"})
    CHECK_EQ(words_of(true, "", peer).find("usually"), std::string::npos);
}

TEST_CASE("what a stranger says is escaped and cut") {
  const std::string words = words_of(false, "\x1b[2J\"" + std::string(1000, 'a') + "\r\n");
  CHECK_EQ(words, "relay:443 sent \"\\x1b[2J\\\"" + std::string(35, 'a') +
                      "...\" instead of a TLS ClientHello; it must speak TLS, or go through a "
                      "client-mode tunnel");
}

TEST_CASE("a server that ends the handshake by close_notify has not finished it") {
  CHECK_EQ(words_of(true, std::string("\x15\x03\x03\x00\x02\x01\x00", 7)),
           "relay:443 closed the connection in the middle of the TLS handshake; it does not say "
           "why: look at the log there");
}

TEST_CASE("broken TLS is refused aloud and in words") {
  for (const bool client : {true, false})
    for (const std::string& wire :
         {std::string("\x16\x03\x03\x00\x04\x63\x00\x00\x00", 9),  // no message of that type
          std::string("\x16\x03\x03\xff\xff", 5) + std::string(100, 'x'),  // too long a record
          std::string("\x16\x03\x03\x00\x00", 5),                          // an empty record
          std::string("\x17\x03\x03\x00\x01x", 6),  // application data too early
          std::string("\x14\x03\x03\x00\x01\x02", 6)}) {
      CAPTURE(client);
      const std::string words = words_of(client, wire);
      CAPTURE(words);
      CHECK_NE(words.find("relay:443 "), std::string::npos);
      CHECK_EQ(words.find("\n"), std::string::npos);
    }
}

TEST_CASE("many small records without an end do not grow what the engine keeps") {
  // warnings and empty records must end in a refusal, or in waiting without output
  Engine engine(a_server(), "relay:443");
  REQUIRE(engine.handshake() == Engine::Status::starved);
  const Bytes warning = bytes_of(std::string("\x15\x03\x01\x00\x02\x01\x5a", 7));
  Engine::Status status = Engine::Status::starved;
  for (int i = 0; i < 10'000 && status == Engine::Status::starved; ++i) {
    engine.feed(warning);
    status = engine.handshake();
  }
  CHECK_LT(engine.output().size(), 100);
}

}  // namespace
}  // namespace tunnel::tls
