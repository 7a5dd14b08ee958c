// The refusal in each protocol, byte for byte.
#include "protocol/refusal.hpp"

#include <doctest/doctest.h>

namespace tunnel {
namespace {

using namespace std::string_literals;

const Error refused{"relay:443 refuses the connection", "is the port right?"};
const std::string reason = "tunnel: relay:443 refuses the connection; is the port right?";

std::string length(std::size_t n) {
  return {'\0', '\0', static_cast<char>(n >> 8), static_cast<char>(n & 0xff)};
}

TEST_CASE("a viewer of RFB 3.7 and later gets an empty list and the reason") {
  for (const std::string version :
       {"RFB 003.007\n", "RFB 003.008\n", "RFB 003.889\n", "RFB 004.001\n", "RFB 005.000\n"}) {
    CAPTURE(version);
    CHECK_EQ(vnc_refusal(version, refused), "\0"s + length(reason.size()) + reason);
  }
}

TEST_CASE("a viewer of RFB 3.3 gets the type 0 and the reason") {
  for (const std::string version : {"RFB 003.003\n", "RFB 003.005\n"}) {
    CAPTURE(version);
    CHECK_EQ(vnc_refusal(version, refused), "\0\0\0\0"s + length(reason.size()) + reason);
  }
}

TEST_CASE("a viewer's window gets lines of its width") {
  const std::string told = *vnc_refusal(
      "RFB 003.008\n",
      {"localhost:41234 answered \"SSH-2.0-OpenSSH_9.2\" where TLS was expected: this port speaks "
       "SSH in the clear",
       "turn the relay's TLS option on, or set tls = false for this service"});
  CHECK_EQ(told.substr(5),
           "tunnel: localhost:41234 answered \"SSH-2.0-OpenSSH_9.2\" where TLS was\n"
           "expected: this port speaks SSH in the clear; turn the relay's TLS option\n"
           "on, or set tls = false for this service");
  // a word of any length stays whole
  const std::string word(200, 'x');
  CHECK_EQ(vnc_refusal("RFB 003.008\n", {word + " " + word, ""})->substr(5),
           "tunnel:\n" + word + "\n" + word);
}

TEST_CASE("a client that answers with no RFB version is no viewer") {
  for (const std::string version :
       {"", "RFB 003.008", "RFB 003.008\r", "RFB 3.8\n    ", "GET / HTTP/1", "RFB 003-008\n",
        "RFB 00a.008\n", "RFB 003.008\nx"}) {
    CAPTURE(version);
    CHECK_FALSE(vnc_refusal(version, refused));
  }
}

TEST_CASE("a browser gets a page, with the peer's bytes escaped in its markup") {
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\nAccept: text/html,*/*;q=0.8\r\n\r\n";
  const std::string answer =
      http_refusal(head, {"it said \"<script>alert('1 & 2')</script>\"", "<b>next</b>"});
  CHECK(
      answer.starts_with("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html; charset=utf-8\r\n"));
  CHECK_NE(answer.find("\r\nConnection: close\r\n"), answer.npos);
  CHECK_NE(
      answer.find("<p>it said &quot;&lt;script&gt;alert('1 &amp; 2')&lt;/script&gt;&quot;</p>\n"),
      answer.npos);
  CHECK_NE(answer.find("<p><strong>next:</strong> &lt;b&gt;next&lt;/b&gt;</p>\n"), answer.npos);
  CHECK_EQ(answer.find("<script"), answer.npos);
  CHECK_EQ(answer.find("http:"), answer.npos);  // nothing from elsewhere
  const std::string body = answer.substr(answer.find("\r\n\r\n") + 4);
  CHECK_NE(answer.find("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"), answer.npos);
}

TEST_CASE("who names no page gets plain text") {
  for (const std::string head :
       {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n",
        "POST / HTTP/1.0\r\nX-Accept: text/html\r\nAccept: application/json\r\n\r\n", "garbage",
        ""}) {
    CAPTURE(head);
    const std::string answer = http_refusal(head, refused);
    CHECK_NE(answer.find("\r\nContent-Type: text/plain; charset=utf-8\r\n"), answer.npos);
    CHECK_EQ(answer.substr(answer.find("\r\n\r\n") + 4),
             "502: the tunnel could not open\nrelay:443 refuses the connection\n"
             "next: is the port right?\n");
  }
}

TEST_CASE("HEAD is answered without a body, but with its length") {
  const std::string answer = http_refusal("HEAD / HTTP/1.1\r\naccept:text/html\r\n\r\n", refused);
  CHECK(answer.ends_with("\r\n\r\n"));
  CHECK_NE(answer.find("\r\nContent-Type: text/html"), answer.npos);
  CHECK_EQ(answer.find("\r\nContent-Length: 0\r\n"), answer.npos);
}

TEST_CASE("a request's head ends with an empty line") {
  CHECK(is_whole_http_head("GET / HTTP/1.1\r\n\r\n"));
  CHECK(is_whole_http_head("GET / HTTP/1.1\r\nHost: x\r\n\r\nbody"));
  CHECK(is_whole_http_head("GET /\n\n"));
  CHECK_FALSE(is_whole_http_head("GET / HTTP/1.1\r\nHost: x\r\n"));
  CHECK_FALSE(is_whole_http_head("GET / HTTP/1.1\r\nHost: x\r\n\r"));
  CHECK_FALSE(is_whole_http_head(""));
}

TEST_CASE("an SSH client gets an identification and a disconnect message in whole blocks") {
  for (std::size_t more = 0; more < 16; ++more) {
    const Error why{std::string(more, 'x'), ""};
    const std::string description = "tunnel: " + why.what;
    const std::string answer = ssh_refusal(why);
    const std::string identification = "SSH-2.0-tunnel\r\n";
    REQUIRE(answer.starts_with(identification));
    const std::string packet = answer.substr(identification.size());
    CAPTURE(more);
    CHECK_EQ(packet.size() % 8, 0);
    CHECK_EQ(packet.substr(0, 4), length(packet.size() - 4));
    const auto padding = static_cast<std::size_t>(packet[4]);
    CHECK_GE(padding, 4);
    CHECK_LT(padding, 12);
    CHECK_EQ(packet.substr(5, packet.size() - 5 - padding),
             "\x01"s + length(7) + length(description.size()) + description + length(0));
  }
}

TEST_CASE("a reason without end is cut") {
  const Error endless{std::string(100'000, 'x'), "y"};
  CHECK_LT(vnc_refusal("RFB 003.008\n", endless)->size(), 1100);
  CHECK_LT(ssh_refusal(endless).size(), 1100);
}

}  // namespace
}  // namespace tunnel
