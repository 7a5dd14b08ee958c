// Which servers speak first, what they say, and how they refuse.
#include "protocol/banner.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tunnel {
namespace {

using namespace std::string_literals;

std::string_view name(const BannerProtocol* protocol) {
  return protocol != nullptr ? protocol->name : "";
}

const BannerProtocol& at(std::uint16_t port) { return *banner_protocol_at(port); }

TEST_CASE("the port tells who speaks first") {
  struct Row {
    std::uint16_t port;
    std::string_view expected;
  };
  for (const Row& row : {Row{5900, "VNC"},
                         {5999, "VNC"},
                         {6000, ""},
                         {22, "SSH"},
                         {2222, "SSH"},
                         {25, "SMTP"},
                         {465, "SMTP"},
                         {587, "SMTP"},
                         {21, "FTP"},
                         {993, "IMAP"},
                         {995, "POP3"},
                         {119, "NNTP"},
                         {3306, "MySQL"},
                         {80, ""},
                         {443, ""},
                         {502, ""},
                         {41234, ""},
                         {0, ""}}) {
    CAPTURE(row.port);
    CHECK_EQ(name(banner_protocol_at(row.port)), row.expected);
    CHECK_FALSE((!client_first_protocol_at(row.port).empty() && !row.expected.empty()));
  }
  CHECK_EQ(client_first_protocol_at(443), "HTTP");
  CHECK_EQ(client_first_protocol_at(502), "Modbus");
  CHECK_EQ(client_first_protocol_at(41234), "");
}

TEST_CASE("a banner may say no more than its protocol asks for") {
  CHECK(is_banner_of(at(25), "220 mail.example\r\n"));
  CHECK(is_banner_of(at(21), "220 ready\r\n"));
  CHECK(is_banner_of(at(110), "+OK Hello there.\r\n"));
  CHECK(is_banner_of(at(110), "+OK <1896.697170952@mail.example>\r\n"));
  CHECK(is_banner_of(at(119), "200 news.example ready\r\n"));
  CHECK(is_banner_of(at(119), "201 read only\r\n"));
  CHECK_FALSE(is_banner_of(at(119), "220 mail.example\r\n"));
  CHECK_FALSE(is_banner_of(at(5900), "+OK Hello there.\r\n"));
}

TEST_CASE("a refusal in another protocol is no banner") {
  for (const char* refusal : {"* BYE overloaded\r\n", "421 4.3.2 mail.example SMTP busy\r\n"}) {
    CAPTURE(refusal);
    CHECK_FALSE(is_banner_of(vnc_banner(), refusal));
    CHECK_EQ(refusal_in(refusal, &vnc_banner()), "");
  }
}

TEST_CASE("the name of a service tells it by a whole word") {
  for (const auto& [named, expected] : {std::pair{"vnc", "VNC"},
                                        {"office-VNC", "VNC"},
                                        {"vnc2", "VNC"},
                                        {"ssh_to_pi", "SSH"},
                                        {"smtp", "SMTP"},
                                        {"pop3", "POP3"},
                                        {"mysql", "MySQL"},
                                        {"novnc", ""},
                                        {"vnc-web", ""},
                                        {"sshd-page", ""},
                                        {"relay", ""},
                                        {"", ""},
                                        {"--", ""}}) {
    const auto& service = named;  // a structured binding cannot be captured
    CAPTURE(service);
    CHECK_EQ(name(banner_protocol_named(service)), expected);
  }
}

TEST_CASE("a banner is the protocol's own") {
  CHECK(is_banner_of(vnc_banner(), "RFB 003.008\n"));
  CHECK_FALSE(is_banner_of(vnc_banner(), "SSH-2.0-OpenSSH_9.2\r\n"));
  CHECK_FALSE(is_banner_of(vnc_banner(), "hello\n"));
  CHECK(is_banner_of(ssh_banner(), "SSH-2.0-OpenSSH_9.2\r\n"));
  CHECK(is_banner_of(ssh_banner(), "welcome\r\nSSH-2.0-dropbear\r\n"));
  CHECK(is_banner_of(ssh_banner(), "Not allowed at this time\r\n"));
  CHECK_FALSE(is_banner_of(ssh_banner(), "RFB 003.008\n"));
  CHECK(is_banner_of(at(25), "220 mail.example ESMTP\r\n"));
  CHECK_FALSE(is_banner_of(at(25), "* OK IMAP\r\n"));
  CHECK(is_banner_of(at(143), "* OK ready\r\n"));
  CHECK(is_banner_of(at(3306), "\x4a\0\0\0\x0a"s + "8.0.36\0"s));
}

TEST_CASE("a refusal is told in the server's words") {
  const std::string reason = "Too many security failures";
  const std::string size = "\0\0\0\x1a"s;
  CHECK_EQ(refusal_in("RFB 003.003\n\0\0\0\0"s + size + reason, nullptr), reason);
  CHECK_EQ(refusal_in("RFB 003.008\n\0"s + size + reason, nullptr), reason);
  CHECK_EQ(refusal_in("RFB 003.008\n", nullptr), "");
  // cut short, or with a length that is a lie
  CHECK_EQ(refusal_in("RFB 003.008\n\0\0"s, nullptr), "");
  CHECK_EQ(refusal_in("RFB 003.003\n\0\0\0\0\0\0\1\0oops"s, nullptr), "oops");

  CHECK_EQ(refusal_in("Not allowed at this time\r\n", &ssh_banner()), "Not allowed at this time");
  CHECK_EQ(refusal_in("Not allowed at this time\r\n", nullptr), "");
  CHECK_EQ(refusal_in("SSH-2.0-OpenSSH_9.2\r\n", &ssh_banner()), "");
  CHECK_EQ(refusal_in("554 5.7.1 go away\r\n", &at(25)), "554 5.7.1 go away");
  CHECK_EQ(refusal_in("421 busy\r\n", &at(25)), "421 busy");
  CHECK_EQ(refusal_in("530 no anonymous\r\n", &at(21)), "530 no anonymous");
  CHECK_EQ(refusal_in("220 mail.example\r\n", &at(25)), "");
  CHECK_EQ(refusal_in("* BYE overloaded\r\n", nullptr), "* BYE overloaded");
  CHECK_EQ(refusal_in("* OK ready\r\n", nullptr), "");
  CHECK_EQ(refusal_in("-ERR locked\r\n", &at(110)), "-ERR locked");
  CHECK_EQ(refusal_in("400 full\r\n", &at(119)), "400 full");
  CHECK_EQ(refusal_in("\x20\0\0\0\xff\x69\x04Host 'a' is blocked"s, &at(3306)),
           "Host 'a' is blocked");
  CHECK_EQ(refusal_in("\x20\0\0\0\xff\x10\x04#08004Too many connections"s, nullptr),
           "Too many connections");
  CHECK_EQ(refusal_in("", &ssh_banner()), "");
}

}  // namespace
}  // namespace tunnel
