// The patterns, each of what only that protocol begins with.
#include "protocol/client_patterns.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace tunnel {

namespace {

// A method of RFC 9110 section 9, RFC 5789 or RFC 4918, or the preface of HTTP/2. RTSP, SIP and
// ICAP have methods of the same names, and NATS and Redis words, so the version at the end of the
// line decides. Where that is cut off, or left out as in HTTP/0.9, the target has to be HTTP's.
Match http_request(std::string_view bytes, bool ended) {
  static constexpr std::array<std::string_view, 19> methods = {
      "GET ",   "HEAD ",     "POST ",      "PUT ",    "DELETE ", "CONNECT ", "OPTIONS ",
      "TRACE ", "PATCH ",    "PRI ",       "COPY ",   "MOVE ",   "LOCK ",    "UNLOCK ",
      "MKCOL ", "PROPFIND ", "PROPPATCH ", "REPORT ", "SEARCH "};
  const Match method = any_of(bytes, methods);
  if (method != Match::yes) return method;
  static constexpr std::array<std::string_view, 1> version = {" HTTP/"};
  const Match line = line_with(bytes, ended, version);
  if (line != Match::no) return line;
  const std::size_t target = bytes.find(' ') + 1;
  const std::string_view rest = bytes.substr(target, bytes.find_first_of("\r\n") - target);
  const bool whole = bytes.find('\n') != bytes.npos;
  const bool one_word = rest.find(' ') == rest.npos;
  if (whole) return bytes.starts_with("GET /") && one_word ? Match::yes : Match::no;
  if (bytes.starts_with("OPTIONS ")) return Match::no;
  static constexpr std::array<std::string_view, 3> targets = {"/", "http://", "https://"};
  return any_of(rest, targets) == Match::yes ? Match::yes : Match::no;
}

Match smtp(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 3> all = {"EHLO ", "HELO ", "LHLO "};
  return any_of(bytes, all, true);
}

Match proxy(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 4> all = {
      "PROXY TCP4 ", "PROXY TCP6 ", "PROXY UNKNOWN", std::string_view("\r\n\r\n\0\r\nQUIT\n", 12)};
  return any_of(bytes, all);
}

// TPKT (RFC 1006) with an X.224 connection request shorter than 1 KiB, up to its variable part.
Bytes connection_request(std::string_view bytes) {
  Bytes head{bytes};
  head.is(0, 3)
      .is(1, 0)
      .need(2, [](auto b) { return b < 4; })
      .need(4, [](auto b) { return b >= 6; })
      .is(5, 0xe0);
  return head;
}

// RDP alone goes on with a cookie, or with a negotiation request of 8 bytes ([MS-RDPBCGR] section
// 2.2.1.1).
Match rdp(std::string_view bytes, bool) {
  Bytes head = connection_request(bytes);
  if (head.match != Match::yes) return head.match;
  if (at(bytes, 4) == 6) return Match::no;  // no variable part
  if (bytes.size() <= 11) return Match::more;
  if (at(bytes, 11) == 1) return head.is(13, 8).is(14, 0).match;
  return starts(bytes.substr(11), "Cookie: mst");
}

// S7, MMS and others go on with the parameters of X.224: a size, or the selectors of both ends.
Match iso_on_tcp(std::string_view bytes, bool) {
  return connection_request(bytes)
      .need(4, [](auto b) { return b > 6; })
      .need(11, [](auto b) { return b >= 0xc0 && b <= 0xc2; })
      .match;
}

// CancelRequest, SSLRequest, GSSENCRequest, or the startup message of version 3 with its first
// parameter, after the length. Kafka's Metadata request begins like the last, and goes on with a
// number.
Match postgres_start(std::string_view bytes, bool) {
  Bytes head{bytes};
  head.is(0, 0).is(1, 0).need(4, [](auto b) { return b == 4 || b == 0; });
  if (head.match != Match::yes) return head.match;
  if (at(bytes, 4) == 4) {
    head.is(5, 0xd2).is(6, 0x16).need(7, [](auto b) { return b >= 0x2e && b <= 0x30; });
    if (head.match != Match::yes) return head.match;
    const bool cancel = at(bytes, 7) == 0x2e;
    return head.need(3, [cancel](auto b) { return cancel ? b >= 16 : b == 8; }).match;
  }
  return head.need(3, [](auto b) { return b != 0; })
      .is(5, 3)
      .is(6, 0)
      .need(7, [](auto b) { return b <= 2; })
      .need(8, [](auto b) { return b == '_' || (b >= 'a' && b <= 'z'); })
      .match;
}

// The header of Modbus/TCP: transaction, protocol 0, length, unit; then a request whose function
// goes with that length. DICOM's association requests differ in nothing else.
Match modbus(std::string_view bytes, bool) {
  Bytes head{bytes};
  head.is(2, 0).is(3, 0).is(4, 0).need(5, [](auto b) { return b >= 2 && b < 255; });
  if (head.match != Match::yes) return head.match;
  if (bytes.size() < 8) return Match::more;
  const std::size_t length = at(bytes, 5);
  const auto is = [](bool fits) { return fits ? Match::yes : Match::no; };
  switch (at(bytes, 7)) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 8:
      return is(length == 6);
    case 7:
    case 11:
    case 12:
    case 17:
      return is(length == 2);
    case 15:
    case 16:  // a count of the bytes that follow
      return head.need(12, [length](auto b) { return length == 7U + b; }).match;
    case 20:
    case 21:
      return head.need(8, [length](auto b) { return length == 3U + b; }).match;
    case 22:
      return is(length == 8);
    case 23:
      return head.need(16, [length](auto b) { return length == 11U + b; }).match;
    case 24:
      return is(length == 4);
    case 43:  // MEI: a device's identification, or CANopen
      return head.need(8, [](auto b) { return b == 13 || b == 14; }).match;
    default:
      return Match::no;
  }
}

// Version 5 (RFC 1928) with a list of methods, or version 4 with CONNECT or BIND, a port, an
// address (or the 0.0.0.x of 4a) and a name. Cassandra's frames of version 4 have zeros there.
Match socks(std::string_view bytes, bool) {
  if (bytes.empty()) return Match::more;
  Bytes head{bytes};
  if (at(bytes, 0) == 4) {
    head.need(1, [](auto b) { return b == 1 || b == 2; })
        .need(3, [&](auto b) { return b != 0 || at(bytes, 2) != 0; })
        .need(7, [&](auto b) {
          return b != 0 && (at(bytes, 4) != 0 || (at(bytes, 5) == 0 && at(bytes, 6) == 0));
        });
    return head.need(8, [](auto b) { return b == 0 || (b >= ' ' && b < 0x7f); }).match;
  }
  head.is(0, 5).need(1, [](auto b) { return b >= 1 && b < 10; });
  if (head.match != Match::yes) return head.match;
  for (std::size_t i = 0; i < at(bytes, 1); ++i)
    head.need(2 + i, [](auto b) { return b < 10 || b >= 0x80; });
  return head.match;
}

// RFC 5246 appendix E.2, and SSL 2.0 itself: whole cipher specs, a session or none, a challenge.
Match old_tls(std::string_view bytes, bool) {
  return Bytes{bytes}
      .need(0, [](auto b) { return (b & 0x80) != 0; })
      .is(2, 1)
      .need(3, [](auto b) { return b == 0 || b == 3; })
      .need(4, [&](auto b) { return at(bytes, 3) == 0 ? b == 2 : b <= 4; })
      .need(6,
            [&](auto b) {
              const unsigned specs = at(bytes, 5) * 256U + b;
              return specs != 0 && specs % 3 == 0;
            })
      .is(7, 0)
      .need(8, [](auto b) { return b == 0 || b == 16; })
      .is(9, 0)
      .need(10, [](auto b) { return b >= 16 && b <= 32; })
      .match;
}

constexpr ProtocolPattern all[] = {
    {Protocol::tls, tls},
    {Protocol::ssh, ssh},
    {Protocol::vnc, vnc},
    {Protocol::http, http_request},
    {Protocol::smtp, smtp},
    {Protocol::proxy, proxy},
    {Protocol::rdp, rdp},
    {Protocol::iso_on_tcp, iso_on_tcp},
    {Protocol::postgres, postgres_start},
    {Protocol::old_tls, old_tls},
    {Protocol::modbus, modbus},
    // last: its shortest form, three bytes, may be the beginning of another protocol
    {Protocol::socks, socks},
};

}  // namespace

std::span<const ProtocolPattern> client_patterns() { return all; }

}  // namespace tunnel
