// Recognising protocols by their first bytes.
#include "protocol/detect.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tunnel {

namespace {

// Each pattern answers for itself, and once it has said yes or no it stays at that when more
// bytes come. The first one that does not say no decides, so the whole has the same property.
enum class Answer { no, more, yes };

using Pattern = Answer (*)(std::string_view bytes, bool ended);

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

Answer starts(std::string_view bytes, std::string_view start, bool any_case = false) {
  if (!agree(bytes, start, any_case)) return Answer::no;
  return bytes.size() >= start.size() ? Answer::yes : Answer::more;
}

Answer any_of(std::string_view bytes, std::span<const std::string_view> starts_,
              bool any_case = false) {
  Answer best = Answer::no;
  for (const std::string_view start : starts_) {
    const Answer answer = starts(bytes, start, any_case);
    if (answer == Answer::yes) return answer;
    if (answer == Answer::more) best = answer;
  }
  return best;
}

// A byte that has to be there: no where it is wrong, more where it has not come.
struct Bytes {
  std::string_view bytes;
  Answer answer = Answer::yes;

  template <class Test>
  Bytes& need(std::size_t i, Test test) {
    if (answer != Answer::yes) return *this;
    if (i >= bytes.size())
      answer = Answer::more;
    else if (!test(at(bytes, i)))
      answer = Answer::no;
    return *this;
  }
  Bytes& is(std::size_t i, std::uint8_t value) {
    return need(i, [value](std::uint8_t byte) { return byte == value; });
  }
};

// --- both

Answer tls(std::string_view bytes, bool) {
  return Bytes{bytes}.need(0, [](auto b) { return b == 0x15 || b == 0x16; }).is(1, 3).answer;
}

Answer ssh(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 2> all = {"SSH-2.0-", "SSH-1."};
  return any_of(bytes, all);
}

Answer vnc(std::string_view bytes, bool) { return starts(bytes, "RFB 00"); }

// --- servers

// The status of an answer is of interest: "HTTP/1.1 302".
constexpr std::size_t status_at = 9;
constexpr std::size_t status_end = 12;

Answer http_status(std::string_view bytes, bool ended, bool redirect) {
  const Answer start = starts(bytes, "HTTP/");
  if (start != Answer::yes) return start;
  if (bytes.size() < status_end && !ended) return Answer::more;
  static constexpr std::array<std::string_view, 9> by_others = {"301", "302", "303", "307", "308",
                                                                "403", "407", "451", "511"};
  const std::string_view status =
      bytes.size() < status_end ? "" : bytes.substr(status_at, status_end - status_at);
  const bool is_redirect = std::find(by_others.begin(), by_others.end(), status) != by_others.end();
  return is_redirect == redirect ? Answer::yes : Answer::no;
}

Answer http_answer(std::string_view bytes, bool ended) { return http_status(bytes, ended, false); }
Answer redirect(std::string_view bytes, bool ended) { return http_status(bytes, ended, true); }

Answer html(std::string_view bytes, bool) {
  const std::size_t blank = bytes.find_first_not_of(" \t\r\n");
  if (blank == bytes.npos) return Answer::more;
  static constexpr std::array<std::string_view, 2> all = {"<html", "<!doctype"};
  return any_of(bytes.substr(blank), all, true);
}

Answer mail_or_ftp(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 4> all = {"220 ", "220-", "421 ", "554 "};
  return any_of(bytes, all);
}

Answer nntp(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 2> all = {"200 ", "201 "};
  return any_of(bytes, all);
}

Answer imap(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 3> all = {"* OK", "* PREAUTH", "* BYE"};
  return any_of(bytes, all);
}

Answer pop3(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 2> all = {"+OK", "-ERR"};
  return any_of(bytes, all);
}

// An error in the form of today ('E', a length, then its fields) or of old ("EFATAL: ").
Answer postgres_error(std::string_view bytes, bool) {
  const Answer old = starts(bytes, "EFATAL");
  if (old != Answer::no) return old;
  return Bytes{bytes}
      .is(0, 'E')
      .is(1, 0)
      .is(2, 0)
      .need(3, [](auto b) { return b < 0x10; })
      .need(5, [](auto b) { return b == 'S' || b == 'V' || b == 'C' || b == 'M'; })
      .answer;
}

// A packet of less than 64 KiB, the first of its connection: protocol 10 and a version in digits,
// or an error such as that of a host that is blocked.
Answer mysql(std::string_view bytes, bool) {
  Bytes head{bytes};
  head.is(2, 0).is(3, 0).need(4, [](auto b) { return b == 10 || b == 0xff; });
  if (head.answer != Answer::yes || at(bytes, 4) == 0xff) return head.answer;
  return head.need(5, [](auto b) { return is_digit(static_cast<char>(b)); }).answer;
}

constexpr Entry servers[] = {
    {Protocol::tls, tls},
    {Protocol::ssh, ssh},
    {Protocol::vnc, vnc},
    {Protocol::http, http_answer},
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

// RFC 9110 section 9, RFC 5789, RFC 4918, and the first line of HTTP/2.
Answer http_request(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 19> methods = {
      "GET ",   "HEAD ",     "POST ",      "PUT ",    "DELETE ", "CONNECT ", "OPTIONS ",
      "TRACE ", "PATCH ",    "PRI ",       "COPY ",   "MOVE ",   "LOCK ",    "UNLOCK ",
      "MKCOL ", "PROPFIND ", "PROPPATCH ", "REPORT ", "SEARCH "};
  return any_of(bytes, methods);
}

Answer smtp(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 3> all = {"EHLO ", "HELO ", "LHLO "};
  return any_of(bytes, all, true);
}

Answer proxy(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 2> all = {
      "PROXY ", std::string_view("\r\n\r\n\0\r\nQUIT\n", 12)};
  return any_of(bytes, all);
}

// A connection request, which has no room for more than a cookie or a token.
Answer rdp(std::string_view bytes, bool) {
  return Bytes{bytes}
      .is(0, 3)
      .is(1, 0)
      .need(2, [](auto b) { return b < 4; })
      .need(5, [](auto b) { return (b & 0xf0) == 0xe0; })
      .answer;
}

// A cancelled query, a wish for TLS or GSSAPI, or the start of version 3; each behind its length.
Answer postgres_start(std::string_view bytes, bool) {
  Bytes head{bytes};
  head.is(0, 0).is(1, 0).need(4, [](auto b) { return b == 4 || b == 0; });
  if (head.answer != Answer::yes) return head.answer;
  if (at(bytes, 4) == 4)
    return head.is(5, 0xd2)
        .is(6, 0x16)
        .need(7, [](auto b) { return b >= 0x2e && b <= 0x30; })
        .answer;
  return head.need(3, [](auto b) { return b != 0; }).is(5, 3).is(6, 0).answer;
}

// The header of Modbus/TCP: a transaction, protocol 0, what follows in 2 to 254 bytes, a unit, and
// a function.
Answer modbus(std::string_view bytes, bool) {
  return Bytes{bytes}
      .is(2, 0)
      .is(3, 0)
      .is(4, 0)
      .need(5, [](auto b) { return b >= 2 && b < 255; })
      .need(7, [](auto b) { return b >= 1 && b < 0x80; })
      .answer;
}

// RFC 1928: version 5 and a list of methods; and version 4: to connect or to bind, and a port.
Answer socks(std::string_view bytes, bool) {
  if (bytes.empty()) return Answer::more;
  if (at(bytes, 0) == 4)
    return Bytes{bytes}
        .need(1, [](auto b) { return b == 1 || b == 2; })
        .need(3, [](auto) { return true; })
        .answer;
  Bytes head{bytes};
  head.is(0, 5).need(1, [](auto b) { return b >= 1 && b < 10; });
  if (head.answer != Answer::yes) return head.answer;
  for (std::size_t i = 0; i < at(bytes, 1); ++i)
    head.need(2 + i, [](auto b) { return b < 10 || b >= 0x80; });
  return head.answer;
}

// RFC 5246 appendix E.2, and the SSL 2.0 before it.
Answer old_tls(std::string_view bytes, bool) {
  return Bytes{bytes}
      .need(0, [](auto b) { return (b & 0x80) != 0; })
      .is(2, 1)
      .need(3, [](auto b) { return b == 0 || b == 3; })
      .need(4, [](auto b) { return b <= 4; })
      .answer;
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
    // last: its shortest form of three bytes may be the beginning of others
    {Protocol::socks, socks},
};

Greeting look(std::span<const Entry> entries, std::string_view bytes, bool ended) {
  for (const Entry& entry : entries) {
    const Answer answer = entry.pattern(bytes, ended);
    if (answer == Answer::yes) return {entry.protocol, false};
    if (answer == Answer::more && !ended) return {Protocol::unknown, true};
  }
  return {};
}

}  // namespace

Greeting greeting_of_server(std::string_view bytes, bool ended) {
  return look(servers, bytes, ended);
}

Greeting greeting_of_client(std::string_view bytes, bool ended) {
  return look(clients, bytes, ended);
}

bool is_client_hello(std::string_view bytes) {
  return Bytes{bytes}.is(0, 0x16).is(1, 3).need(2, [](auto b) { return b <= 4; }).is(5, 1).answer ==
         Answer::yes;
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
