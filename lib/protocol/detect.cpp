// The patterns of each protocol.
#include "protocol/detect.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tunnel {

namespace {

// A pattern's yes or no doesn't change when more bytes arrive. The first pattern that doesn't say
// no decides, so detection as a whole doesn't change its mind either.
enum class Match { no, more, yes };

using Pattern = Match (*)(std::string_view bytes, bool ended);

struct Entry {
  Protocol protocol;
  Pattern pattern;
};

std::uint8_t at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether `bytes` and `start` agree as far as both go.
bool agree(std::string_view bytes, std::string_view start, bool any_case = false) {
  const std::size_t n = std::min(bytes.size(), start.size());
  return std::equal(
      bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n), start.begin(),
      [any_case](char a, char b) { return any_case ? lower(a) == lower(b) : a == b; });
}

Match starts(std::string_view bytes, std::string_view start, bool any_case = false) {
  if (!agree(bytes, start, any_case)) return Match::no;
  return bytes.size() >= start.size() ? Match::yes : Match::more;
}

Match any_of(std::string_view bytes, std::span<const std::string_view> prefixes,
             bool any_case = false) {
  Match best = Match::no;
  for (const std::string_view start : prefixes) {
    const Match match = starts(bytes, start, any_case);
    if (match == Match::yes) return match;
    if (match == Match::more) best = match;
  }
  return best;
}

// Checks bytes at fixed offsets: no if one is wrong, more if one has not arrived.
struct Bytes {
  std::string_view bytes;
  Match match = Match::yes;

  template <class Test>
  Bytes& need(std::size_t i, Test test) {
    if (match != Match::yes) return *this;
    if (i >= bytes.size())
      match = Match::more;
    else if (!test(at(bytes, i)))
      match = Match::no;
    return *this;
  }
  Bytes& is(std::size_t i, std::uint8_t value) {
    return need(i, [value](std::uint8_t byte) { return byte == value; });
  }
};

// --- both

Match tls(std::string_view bytes, bool) {
  return Bytes{bytes}.need(0, [](auto b) { return b == 0x15 || b == 0x16; }).is(1, 3).match;
}

Match ssh(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 2> all = {"SSH-2.0-", "SSH-1."};
  return any_of(bytes, all);
}

Match vnc(std::string_view bytes, bool) { return starts(bytes, "RFB 00"); }

// --- servers

// The status code in "HTTP/1.1 302".
constexpr std::size_t status_at = 9;
constexpr std::size_t status_end = 12;

Match http_status(std::string_view bytes, bool ended, bool redirect) {
  const Match start = starts(bytes, "HTTP/");
  if (start != Match::yes) return start;
  if (bytes.size() < status_end && !ended) return Match::more;
  static constexpr std::array<std::string_view, 9> from_middleboxes = {
      "301", "302", "303", "307", "308", "403", "407", "451", "511"};
  const std::string_view status =
      bytes.size() < status_end ? "" : bytes.substr(status_at, status_end - status_at);
  const bool is_redirect =
      std::find(from_middleboxes.begin(), from_middleboxes.end(), status) != from_middleboxes.end();
  return is_redirect == redirect ? Match::yes : Match::no;
}

Match http_response(std::string_view bytes, bool ended) { return http_status(bytes, ended, false); }
Match redirect(std::string_view bytes, bool ended) { return http_status(bytes, ended, true); }

Match html(std::string_view bytes, bool) {
  const std::size_t blank = bytes.find_first_not_of(" \t\r\n");
  if (blank == bytes.npos) return Match::more;
  static constexpr std::array<std::string_view, 2> all = {"<html", "<!doctype"};
  return any_of(bytes.substr(blank), all, true);
}

Match mail_or_ftp(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 4> all = {"220 ", "220-", "421 ", "554 "};
  return any_of(bytes, all);
}

Match nntp(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 2> all = {"200 ", "201 "};
  return any_of(bytes, all);
}

Match imap(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 3> all = {"* OK", "* PREAUTH", "* BYE"};
  return any_of(bytes, all);
}

Match pop3(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 2> all = {"+OK", "-ERR"};
  return any_of(bytes, all);
}

// An ErrorResponse in the current format ('E', a length, fields) or the old one ("EFATAL: ").
Match postgres_error(std::string_view bytes, bool) {
  const Match old = starts(bytes, "EFATAL");
  if (old != Match::no) return old;
  return Bytes{bytes}
      .is(0, 'E')
      .is(1, 0)
      .is(2, 0)
      .need(3, [](auto b) { return b < 0x10; })
      .need(5, [](auto b) { return b == 'S' || b == 'V' || b == 'C' || b == 'M'; })
      .match;
}

// The first packet of a connection, smaller than 64 KiB: protocol 10 and a version in digits, or an
// error, such as for a blocked host.
Match mysql(std::string_view bytes, bool) {
  Bytes head{bytes};
  head.is(2, 0).is(3, 0).need(4, [](auto b) { return b == 10 || b == 0xff; });
  if (head.match != Match::yes || at(bytes, 4) == 0xff) return head.match;
  return head.need(5, [](auto b) { return is_digit(static_cast<char>(b)); }).match;
}

constexpr Entry servers[] = {
    {Protocol::tls, tls},
    {Protocol::ssh, ssh},
    {Protocol::vnc, vnc},
    {Protocol::http, http_response},
    {Protocol::redirect, redirect},
    {Protocol::html, html},
    {Protocol::mail_or_ftp, mail_or_ftp},
    {Protocol::nntp, nntp},
    {Protocol::imap, imap},
    {Protocol::pop3, pop3},
    {Protocol::postgres, postgres_error},
    {Protocol::mysql, mysql},
};

// --- clients

// RFC 9110 section 9, RFC 5789, RFC 4918, and the preface of HTTP/2.
Match http_request(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 19> methods = {
      "GET ",   "HEAD ",     "POST ",      "PUT ",    "DELETE ", "CONNECT ", "OPTIONS ",
      "TRACE ", "PATCH ",    "PRI ",       "COPY ",   "MOVE ",   "LOCK ",    "UNLOCK ",
      "MKCOL ", "PROPFIND ", "PROPPATCH ", "REPORT ", "SEARCH "};
  return any_of(bytes, methods);
}

Match smtp(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 3> all = {"EHLO ", "HELO ", "LHLO "};
  return any_of(bytes, all, true);
}

Match proxy(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 2> all = {
      "PROXY ", std::string_view("\r\n\r\n\0\r\nQUIT\n", 12)};
  return any_of(bytes, all);
}

// A connection request, which is shorter than 1 KiB.
Match rdp(std::string_view bytes, bool) {
  return Bytes{bytes}
      .is(0, 3)
      .is(1, 0)
      .need(2, [](auto b) { return b < 4; })
      .need(5, [](auto b) { return (b & 0xf0) == 0xe0; })
      .match;
}

// CancelRequest, SSLRequest, GSSENCRequest, or the startup message of version 3, after its length.
Match postgres_start(std::string_view bytes, bool) {
  Bytes head{bytes};
  head.is(0, 0).is(1, 0).need(4, [](auto b) { return b == 4 || b == 0; });
  if (head.match != Match::yes) return head.match;
  if (at(bytes, 4) == 4)
    return head.is(5, 0xd2)
        .is(6, 0x16)
        .need(7, [](auto b) { return b >= 0x2e && b <= 0x30; })
        .match;
  return head.need(3, [](auto b) { return b != 0; }).is(5, 3).is(6, 0).match;
}

// The header of Modbus/TCP: transaction, protocol 0, a length from 2 to 254, unit and function.
Match modbus(std::string_view bytes, bool) {
  return Bytes{bytes}
      .is(2, 0)
      .is(3, 0)
      .is(4, 0)
      .need(5, [](auto b) { return b >= 2 && b < 255; })
      .need(7, [](auto b) { return b >= 1 && b < 0x80; })
      .match;
}

// Version 5 (RFC 1928) with a list of methods, or version 4 with CONNECT or BIND and a port.
Match socks(std::string_view bytes, bool) {
  if (bytes.empty()) return Match::more;
  if (at(bytes, 0) == 4)
    return Bytes{bytes}
        .need(1, [](auto b) { return b == 1 || b == 2; })
        .need(3, [](auto) { return true; })
        .match;
  Bytes head{bytes};
  head.is(0, 5).need(1, [](auto b) { return b >= 1 && b < 10; });
  if (head.match != Match::yes) return head.match;
  for (std::size_t i = 0; i < at(bytes, 1); ++i)
    head.need(2 + i, [](auto b) { return b < 10 || b >= 0x80; });
  return head.match;
}

// RFC 5246 appendix E.2, and SSL 2.0 itself.
Match old_tls(std::string_view bytes, bool) {
  return Bytes{bytes}
      .need(0, [](auto b) { return (b & 0x80) != 0; })
      .is(2, 1)
      .need(3, [](auto b) { return b == 0 || b == 3; })
      .need(4, [](auto b) { return b <= 4; })
      .match;
}

constexpr Entry clients[] = {
    {Protocol::tls, tls},
    {Protocol::ssh, ssh},
    {Protocol::vnc, vnc},
    {Protocol::http, http_request},
    {Protocol::smtp, smtp},
    {Protocol::proxy, proxy},
    {Protocol::rdp, rdp},
    {Protocol::postgres, postgres_start},
    {Protocol::old_tls, old_tls},
    {Protocol::modbus, modbus},
    // last: its shortest form, three bytes, may be the beginning of another protocol
    {Protocol::socks, socks},
};

Detection detect(std::span<const Entry> entries, std::string_view bytes, bool ended) {
  for (const Entry& entry : entries) {
    const Match match = entry.pattern(bytes, ended);
    if (match == Match::yes) return {entry.protocol, false};
    if (match == Match::more && !ended) return {Protocol::unknown, true};
  }
  return {};
}

}  // namespace

Detection detect_server(std::string_view bytes, bool ended) {
  return detect(servers, bytes, ended);
}

Detection detect_client(std::string_view bytes, bool ended) {
  return detect(clients, bytes, ended);
}

bool is_client_hello(std::string_view bytes) {
  return Bytes{bytes}.is(0, 0x16).is(1, 3).need(2, [](auto b) { return b <= 4; }).is(5, 1).match ==
         Match::yes;
}

std::string_view name_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::unknown:
      return {};
    case Protocol::tls:
    case Protocol::old_tls:
      return "TLS";
    case Protocol::ssh:
      return "SSH";
    case Protocol::vnc:
      return "VNC";
    case Protocol::http:
    case Protocol::redirect:
    case Protocol::html:
      return "HTTP";
    case Protocol::smtp:
      return "SMTP";
    case Protocol::mail_or_ftp:
      return "SMTP or FTP";
    case Protocol::nntp:
      return "NNTP";
    case Protocol::imap:
      return "IMAP";
    case Protocol::pop3:
      return "POP3";
    case Protocol::mysql:
      return "MySQL";
    case Protocol::postgres:
      return "PostgreSQL";
    case Protocol::rdp:
      return "RDP";
    case Protocol::modbus:
      return "Modbus/TCP";
    case Protocol::proxy:
      return "the PROXY protocol";
    case Protocol::socks:
      return "SOCKS";
  }
  return {};
}

bool is_text(Protocol protocol) {
  switch (protocol) {
    case Protocol::ssh:
    case Protocol::vnc:
    case Protocol::http:
    case Protocol::redirect:
    case Protocol::html:
    case Protocol::smtp:
    case Protocol::mail_or_ftp:
    case Protocol::nntp:
    case Protocol::imap:
    case Protocol::pop3:
      return true;
    default:
      return false;
  }
}

std::string_view first_line(std::string_view bytes) {
  const std::size_t begin = bytes.find_first_not_of("\r\n");
  if (begin == bytes.npos) return {};
  bytes.remove_prefix(begin);
  return bytes.substr(0, bytes.find_first_of("\r\n"));
}

}  // namespace tunnel
