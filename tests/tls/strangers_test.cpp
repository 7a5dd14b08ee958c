// Peers that do not speak TLS, and the words that say what they speak instead.
#include <doctest/doctest.h>

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
std::string words_of(bool client, const std::string& sent) {
  Engine engine(client ? a_client() : a_server(), "relay:443",
                client ? ServerName{"relay.example", false} : ServerName{});
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

TEST_CASE("a client names the protocol that it met in place of TLS") {
  const std::string next = "; turn the relay's TLS option on, or set tls = false for this service";
  CHECK_EQ(words_of(true, "SSH-2.0-OpenSSH_9.2p1\r\n"),
           "relay:443 answered \"SSH-2.0-OpenSSH_9.2p1\" where TLS was expected: this port speaks "
           "SSH in the clear" +
               next);
  CHECK_EQ(words_of(true, "RFB 003.008\n"),
           "relay:443 answered \"RFB 003.008\" where TLS was expected: this port speaks VNC in the "
           "clear" +
               next);
  CHECK_EQ(words_of(true, "HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n"),
           "relay:443 answered \"HTTP/1.1 400 Bad Request\" where TLS was expected: this port "
           "speaks HTTP in the clear" +
               next);
  CHECK_EQ(words_of(true, "220 mail.example ESMTP\r\n"),
           "relay:443 answered \"220 mail.example ESMTP\" where TLS was expected: this port speaks "
           "SMTP or FTP in the clear" +
               next);
  CHECK_EQ(words_of(true, std::string("\x03\x00\x00\x13\x0e", 5)),
           "relay:443 answered \"\\x03\\x00\\x00\\x13\\x0e\" where TLS was expected" + next);
  CHECK_EQ(words_of(true, "\n\n"), "relay:443 answered \"\\n\\n\" where TLS was expected" + next);
}

TEST_CASE("a server names the protocol of a client that does not speak TLS") {
  CHECK_EQ(words_of(false, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
           "relay:443 sent \"GET / HTTP/1.1\" instead of a TLS ClientHello; it must use https, or "
           "go through a client-mode tunnel");
  CHECK_EQ(words_of(false, "SSH-2.0-PuTTY\r\n"),
           "relay:443 sent \"SSH-2.0-PuTTY\" instead of a TLS ClientHello; SSH encrypts by itself: "
           "set tls = false for this service");
  CHECK_EQ(words_of(false, std::string(5, '\0')),
           "relay:443 sent \"\\x00\\x00\\x00\\x00\\x00\" instead of a TLS ClientHello; it must "
           "speak TLS, or go through a client-mode tunnel");
}

TEST_CASE("fewer bytes than a record has in its head are still shown") {
  CHECK_EQ(words_of(true, "hi"),
           "relay:443 answered \"hi\" where TLS was expected; turn the relay's TLS option on, or "
           "set tls = false for this service");
  CHECK_EQ(words_of(false, "GET"),
           "relay:443 sent \"GET\" instead of a TLS ClientHello; it must speak TLS, or go through "
           "a client-mode tunnel");
}

TEST_CASE("what a stranger says is escaped and cut") {
  const std::string words = words_of(false, "\x1b[2J\"" + std::string(1000, 'a') + "\r\n");
  CHECK_EQ(words, "relay:443 sent \"\\x1b[2J\\\"" + std::string(35, 'a') +
                      "...\" instead of a TLS ClientHello; it must speak TLS, or go through a "
                      "client-mode tunnel");
}

TEST_CASE("a refusal by an alert is told in words") {
  const auto alert = [](char description) {
    return std::string("\x15\x03\x03\x00\x02\x02", 6) + description;
  };
  CHECK_EQ(words_of(true, alert(40)),
           "relay:443 refused the handshake: handshake failure; the two ends have no version, "
           "suite or group in common");
  CHECK_EQ(words_of(true, alert(70)),
           "relay:443 refused the handshake: protocol version not supported; it may speak TLS 1.1 "
           "or older only");
  CHECK_EQ(words_of(true, alert(112)),
           "relay:443 refused the handshake: unrecognized name; it does not serve that name: set "
           "server_name");
  CHECK_EQ(words_of(true, alert(116)),
           "relay:443 refused the handshake: certificate required; it wants a client certificate: "
           "set cert and key");
  CHECK_EQ(words_of(true, alert(77)), "relay:443 refused the handshake: alert 77");
  CHECK_EQ(words_of(false, alert(48)),
           "relay:443 refused the handshake: unknown authority; name this certificate's issuer as "
           "trusted there");
  CHECK_EQ(words_of(false, alert(42)),
           "relay:443 refused the handshake: bad certificate; it does not accept our certificate");
}

TEST_CASE("a server that ends the handshake by close_notify has not finished it") {
  CHECK_EQ(words_of(true, std::string("\x15\x03\x03\x00\x02\x01\x00", 7)),
           "relay:443 closed the connection in the middle of the TLS handshake; is its port right, "
           "and its TLS option on?");
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
