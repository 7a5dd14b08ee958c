// Every known protocol, split at every byte, and near misses.
#include "protocol/detect.hpp"

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <vector>

namespace tunnel {

std::ostream& operator<<(std::ostream& out, const Detection& found) {
  return out << static_cast<int>(found.protocol) << (found.more ? " or more" : "");
}

namespace {

using namespace std::string_literals;

struct Row {
  std::string bytes;
  Protocol protocol;
  std::size_t known_at;  // how many bytes decide
};

// A line that nothing before its end decides.
Row unknown_line(const std::string& line) {
  return {line + "\r\n", Protocol::unknown, line.size() + 2};
}

std::vector<Row> server_rows() {
  return {
      {"SSH-2.0-OpenSSH_9.2p1\r\n", Protocol::ssh, 8},
      {"SSH-1.99-Cisco-1.25\n", Protocol::ssh, 6},
      {"RFB 003.008\n", Protocol::vnc, 12},
      {"RFB 004.001\n", Protocol::vnc, 12},
      {"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n", Protocol::http, 12},
      {"HTTP/1.0 501 Not Implemented\r\n\r\n", Protocol::http, 12},
      {"HTTP/1.1 302 Found\r\nLocation: http://portal/\r\n\r\n", Protocol::redirect, 12},
      {"HTTP/1.1 403 Forbidden\r\n\r\n", Protocol::redirect, 12},
      {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", Protocol::redirect, 12},
      {"HTTP/1.1 511 Network Authentication Required\r\n\r\n", Protocol::redirect, 12},
      {"<html><head><title>Blocked</title>", Protocol::html, 6},
      {"<HTML>\n", Protocol::html, 6},
      {"\r\n  <!DOCTYPE html>\n", Protocol::html, 18},
      {"220 mail.example ESMTP\r\n", Protocol::smtp, 22},
      {"220 mail.example LMTP ready\r\n", Protocol::smtp, 21},
      {"421 4.7.0 too many connections\r\n", Protocol::smtp, 6},
      {"554 5.7.1 no\r\n", Protocol::smtp, 6},
      {"554 SMTP synchronization error\r\n", Protocol::smtp, 8},
      {"220-FTP server\r\n220 ready\r\n", Protocol::ftp, 16},
      {"220 (vsFTPd 3.0.5)\r\n", Protocol::ftp, 20},
      {"200 news.example InterNetNews server ready\r\n", Protocol::nntp, 29},
      {"201 news.example NNTP (no posting)\r\n", Protocol::nntp, 21},
      {"* OK IMAP4rev1 ready\r\n", Protocol::imap, 6},
      {"* PREAUTH welcome\r\n", Protocol::imap, 10},
      {"* BYE busy\r\n", Protocol::imap, 6},
      {"+OK POP3 ready\r\n", Protocol::pop3, 7},
      {"+OK Dovecot ready.\r\n", Protocol::pop3, 11},
      {"J\0\0\0\n8.0.36\0\x08\0\0\0"s, Protocol::mysql, 7},
      {"\x5a\0\0\0\x0a\x35.5.5-10.11.6-MariaDB\0"s, Protocol::mysql, 7},
      {"\x45\0\0\0\xff\x6a\x04Host 'x' is not allowed"s, Protocol::mysql, 9},
      {"\x46\0\0\0\xff\x6a\x04Host 'x' is not allowed"s, Protocol::mysql, 9},
      {"E\0\0\0\x63SFATAL\0VFATAL\0C0A000\0"s, Protocol::postgres, 7},
      {"EFATAL:  unsupported frontend protocol\n\0"s, Protocol::postgres, 8},
      {"\x15\x03\x03\0\x02\x02\x28"s, Protocol::tls, 2},
      {"\x16\x03\x03\0\x7a\x02"s, Protocol::tls, 2},
      {"\x03\0\0\x13\x0e\xd0"s, Protocol::unknown, 4},
      {"hello there\r\n", Protocol::unknown, 3},
      {"HTTQ", Protocol::unknown, 4},
      // what others begin with
      {"HTTP/x", Protocol::unknown, 6},
      {"RFB 3.8\n", Protocol::unknown, 6},
      {"RTSP/1.0 400 Bad Request\r\n", Protocol::unknown, 3},
      {"SIP/2.0 400 Bad Request\r\n", Protocol::unknown, 3},
      {"ICY 200 OK\r\n", Protocol::unknown, 3},
      {"<?xml version='1.0'?><stream:stream", Protocol::unknown, 3},
      {"<htmlish>", Protocol::unknown, 6},
      {"-ERR unknown command, with args beginning with:\r\n", Protocol::unknown, 3},
      {"-ERR 'Unknown Protocol Operation'\r\n", Protocol::unknown, 3},
      {"-NOAUTH Authentication required.\r\n", Protocol::unknown, 3},
      {"+OK\r\n", Protocol::unknown, 4},
      {"+PONG\r\n", Protocol::unknown, 3},
      {"ERROR\r\n", Protocol::unknown, 3},
      {"INFO {\"server_id\":\"x\"}\r\n", Protocol::unknown, 3},
      {"OK MPD 0.23.5\n", Protocol::unknown, 3},
      {"* ACAP (IMPLEMENTATION \"x\")\r\n", Protocol::unknown, 3},
      {"* OK MUPDATE \"mupdate.example\"\r\n", Protocol::unknown, 12},
      {"\x05\0\0\0\x0b\x08\x05\x1a\0"s, Protocol::unknown, 5},        // MySQL's X protocol
      {"\x10\0\0\0\xff\0\0\0\0"s, Protocol::unknown, 7},              // no number of an error
      {"E\0\0\0\x08\x01\0\0"s, Protocol::unknown, 6},                 // no field of an error
      {"\x03\0\0\x16\x11\xd0\0\x01\0\x02\0"s, Protocol::unknown, 4},  // ISO on TCP
      {"\xff\xfd\x18\xff\xfd\x20", Protocol::unknown, 3},             // telnet
      unknown_line("+OK Background saving started"),
      unknown_line("220 vdr SVDRP VideoDiskRecorder 2.6.0"),
      unknown_line("220 fax.example server (HylaFAX (tm) Version 7.0.6) ready."),
      unknown_line("220 VMware Authentication Daemon Version 1.10"),
      unknown_line("421 too many connections"),
      unknown_line("554 no"),
      unknown_line("201 cddb.example CDDBP server v1.5.2 ready"),
      unknown_line("200 59"),
      unknown_line("200 hello and who are you?"),
  };
}

std::vector<Row> client_rows() {
  std::vector<Row> out = {
      {"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"s, Protocol::tls, 2},
      {"SSH-2.0-PuTTY_Release_0.78\r\n", Protocol::ssh, 8},
      {"RFB 003.008\n", Protocol::vnc, 12},
      {"EHLO laptop\r\n", Protocol::smtp, 5},
      {"helo laptop\r\n", Protocol::smtp, 5},
      {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", Protocol::proxy, 11},
      {"PROXY UNKNOWN\r\n", Protocol::proxy, 13},
      {"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"s, Protocol::proxy, 12},
      {"\x03\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: mstshash=user\r\n"s, Protocol::rdp, 22},
      {"\x03\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: msts=1.2.0000\r\n"s, Protocol::rdp, 22},
      {"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0"s, Protocol::rdp, 15},
      {"\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc0\x01\x0a\xc1\x02\x01\0\xc2\x02\x01\x02"s,
       Protocol::iso_on_tcp, 12},
      {"\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc1\x02\x01\0\xc2\x02\x01\x02\xc0\x01\x0a"s,
       Protocol::iso_on_tcp, 12},
      {"\0\0\0\x08\x04\xd2\x16\x2f"s, Protocol::postgres, 8},
      {"\0\0\0\x08\x04\xd2\x16\x30"s, Protocol::postgres, 8},
      {"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x01"s, Protocol::postgres, 8},
      {"\0\0\0\x53\0\x03\0\0user\0"s, Protocol::postgres, 9},
      {"\0\x01\0\0\0\x06\x01\x03\0\0\0\x0a"s, Protocol::modbus, 8},
      {"\0\0\0\0\0\x06\xff\x04\0\0\0\x01"s, Protocol::modbus, 8},
      {"\x05\x01\0\0\0\x06\x01\x03\0\0\0\x01"s, Protocol::modbus, 8},
      {"\0\x07\0\0\0\x09\x01\x10\0\0\0\x01\x02\0\x05"s, Protocol::modbus, 13},
      {"\0\x08\0\0\0\x05\x01\x2b\x0e\x01\0"s, Protocol::modbus, 9},
      {"\x05\x02\0\x02"s, Protocol::socks, 4},
      {"\x05\x03\0\x01\x02"s, Protocol::socks, 5},
      {"\x04\x01\0\x50\xc0\0\x02\x01\0"s, Protocol::socks, 9},
      {"\x04\x01\x01\xbb\0\0\0\x01user\0relay.example\0"s, Protocol::socks, 9},
      {"\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10"s, Protocol::old_tls, 11},
      {"\x80\x2e\x01\0\x02\0\x15\0\0\0\x10"s, Protocol::old_tls, 11},
      {"\0\0\0\0\0"s, Protocol::unknown, 6},
      {"\x16\xff\x01\x01", Protocol::unknown, 3},
      {"GETTING\r\n", Protocol::unknown, 4},
      {"PROXIMITY\r\n", Protocol::unknown, 5},
      // what others begin with
      {"\x03\0\0\x0b\x06\xe0\0\0\0\0\0"s, Protocol::unknown, 6},  // any ISO on TCP
      {"\x03\0\0\x2b\x26\xe0\0\0\0\0\0Cookie: session=1\r\n"s, Protocol::unknown, 20},
      {"\x03\0\0\x30\x08\x02\x04\x0b"s, Protocol::unknown, 6},          // H.323
      {"\x01\0\0\0\0\xcd\0\x01\0\0ANY-SCP"s, Protocol::unknown, 8},     // DICOM
      {"\0\0\0\x14\0\x03\0\0\0\0\0\x01"s, Protocol::unknown, 9},        // Kafka
      {"\0\0\0\x2d\0\0\0\0\0\0\0\0"s, Protocol::unknown, 6},            // ZooKeeper
      {"\0\0\0\xe2\x6a\x81\xdf"s, Protocol::unknown, 5},                // Kerberos
      {"\0\x1d\0\0\x01\0\0\x01"s, Protocol::unknown, 5},                // DNS
      {"\0\x3a\0\0\x01\0\0\0"s, Protocol::unknown, 5},                  // Oracle's TNS
      {"\x12\x01\0\x2f\0\0\x01\0"s, Protocol::unknown, 4},              // SQL Server's TDS
      {"\x65\0\x04\0\0\0\0\0"s, Protocol::unknown, 3},                  // EtherNet/IP
      {"\x04\0\0\0\x05\0\0\0\0"s, Protocol::unknown, 5},                // Cassandra
      {"\x04\x01\0\x01\x05\0\0\0\0"s, Protocol::unknown, 8},            // and compressed
      {"\x05\x64\x05\xc0\x01\0"s, Protocol::unknown, 3},                // DNP3
      {"\x10\x1e\0\x04MQTT"s, Protocol::unknown, 4},                    // MQTT
      {"AMQP\0\0\x09\x01"s, Protocol::unknown, 3},                      // AMQP
      {"\x30\x0c\x02\x01\x01\x60\x07"s, Protocol::unknown, 3},          // LDAP
      {"\x80\x0b\0\0\0\0\0\0"s, Protocol::unknown, 6},                  // Memcached
      {"\x80\x2e\x01\x03\x01\0\x10\0\0\0\x10"s, Protocol::unknown, 7},  // no whole suites
      {"*1\r\n$4\r\nPING\r\n", Protocol::unknown, 3},                   // Redis
      {"get key\r\n", Protocol::unknown, 3},                            // Memcached
      {"DESCRIBE rtsp://camera/ RTSP/1.0\r\n", Protocol::unknown, 3},
      {"REGISTER sip:example SIP/2.0\r\n", Protocol::unknown, 3},
      {"PROXY http://x/\r\n", Protocol::unknown, 7},
      unknown_line("OPTIONS rtsp://camera/ RTSP/1.0"),
      unknown_line("OPTIONS * RTSP/1.0"),
      unknown_line("OPTIONS sip:user@example SIP/2.0"),
      unknown_line("OPTIONS icap://scan/ ICAP/1.0"),
      unknown_line("CONNECT {\"verbose\":false}"),
      unknown_line("GET key"),
      unknown_line("PUT /x"),
  };
  for (const std::string method :
       {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "COPY",
        "MOVE", "LOCK", "MKCOL", "UNLOCK", "PROPFIND", "PROPPATCH", "REPORT", "SEARCH"})
    out.push_back({method + " / HTTP/1.1\r\n", Protocol::http, method.size() + 8});
  out.push_back({"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Protocol::http, 11});
  out.push_back({"CONNECT relay.example:443 HTTP/1.1\r\n", Protocol::http, 31});
  out.push_back({"GET /as-in-0.9\r\n", Protocol::http, 16});
  return out;
}

template <class Detect>
void check_at_every_byte(const Row& row, Detect detect) {
  CAPTURE(row.bytes);
  for (std::size_t n = 0; n <= row.bytes.size(); ++n) {
    CAPTURE(n);
    const Detection found = detect(std::string_view(row.bytes).substr(0, n), false);
    if (n < row.known_at)
      CHECK_EQ(found, Detection{Protocol::unknown, true});
    else
      CHECK_EQ(found, Detection{row.protocol, false});
    // after the last byte there is a decision
    CHECK_FALSE(detect(std::string_view(row.bytes).substr(0, n), true).more);
  }
  CHECK_EQ(detect(row.bytes, true).protocol, row.protocol);
}

TEST_CASE("a server's protocol is detected, wherever its bytes are split") {
  for (const Row& row : server_rows()) check_at_every_byte(row, detect_server);
}

TEST_CASE("a client's protocol is detected, wherever its bytes are split") {
  for (const Row& row : client_rows()) check_at_every_byte(row, detect_client);
}

TEST_CASE("first bytes that end early are judged by what there is") {
  // the shortest SOCKS request could be the beginning of Modbus
  CHECK_EQ(detect_client("\x05\x01\0"s), Detection{Protocol::unknown, true});
  CHECK_EQ(detect_client("\x05\x01\0"s, true), Detection{Protocol::socks, false});
  CHECK_EQ(detect_server("HTTP/1.1"), Detection{Protocol::unknown, true});
  CHECK_EQ(detect_server("HTTP/1.1", true), Detection{Protocol::http, false});
  // a request line may be longer than what is looked at
  CHECK_EQ(detect_client("GET /a/long/way"), Detection{Protocol::unknown, true});
  CHECK_EQ(detect_client("GET /a/long/way", true), Detection{Protocol::http, false});
  CHECK_EQ(detect_client("POST http://relay.example/", true), Detection{Protocol::http, false});
  CHECK_EQ(detect_client("GET key", true), Detection{Protocol::unknown, false});
  CHECK_EQ(detect_client("OPTIONS /a/long/way", true), Detection{Protocol::unknown, false});
  CHECK_EQ(detect_server("220 mail.example", true), Detection{Protocol::unknown, false});
  CHECK_EQ(detect_server("SSH", true), Detection{Protocol::unknown, false});
  CHECK_EQ(detect_server("", true), Detection{Protocol::unknown, false});
}

TEST_CASE("a decision on the first byte stays with the second") {
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; ++b) {
      const std::string both{static_cast<char>(a), static_cast<char>(b)};
      for (const auto detect : {detect_server, detect_client}) {
        const Detection one = detect(both.substr(0, 1), false);
        if (!one.more) CHECK_EQ(detect(both, false), one);
      }
    }
}

TEST_CASE("every protocol has a name, and text can be shown") {
  for (const auto& rows : {server_rows(), client_rows()})
    for (const Row& row : rows) {
      CAPTURE(row.bytes);
      CHECK_EQ(name_of(row.protocol).empty(), row.protocol == Protocol::unknown);
    }
  CHECK(is_text(Protocol::ssh));
  CHECK(is_text(Protocol::http));
  CHECK_FALSE(is_text(Protocol::mysql));
  CHECK_FALSE(is_text(Protocol::unknown));
}

TEST_CASE("a ClientHello is one from its sixth byte on") {
  const std::string hello = "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"s;
  for (std::size_t n = 0; n <= hello.size(); ++n)
    CHECK_EQ(is_client_hello(hello.substr(0, n)), n >= 6);
  for (const std::string& other : {"\x15\x03\x03\0\x02\x01\0"s, "\x16\x03\x03\0\x7a\x02\0"s,
                                   "\x16\x04\x01\x02\0\x01\0"s, "GET / HTTP/1.1\r\n"s})
    CHECK_FALSE(is_client_hello(other));
}

TEST_CASE("the first line is the first that is not empty") {
  CHECK_EQ(first_line("GET / HTTP/1.1\r\nHost: a"), "GET / HTTP/1.1");
  CHECK_EQ(first_line("\r\n\r\nhi\n"), "hi");
  CHECK_EQ(first_line("no end"), "no end");
  CHECK_EQ(first_line("\n\n"), "");
  CHECK_EQ(first_line(""), "");
}

}  // namespace
}  // namespace tunnel
