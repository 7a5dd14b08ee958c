// The patterns of each protocol: what only that protocol begins with. Bytes that another protocol
// may begin with as well stay unknown, since advice for the wrong protocol does harm.
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

// Whether one of the words, in any case, is in the first line. An unfinished line may still get it.
Match line_with(std::string_view bytes, bool ended, std::span<const std::string_view> words) {
  const std::size_t end = bytes.find('\n');
  const std::string_view line = bytes.substr(0, end);
  for (const std::string_view word : words)
    if (std::search(line.begin(), line.end(), word.begin(), word.end(),
                    [](char a, char b) { return lower(a) == lower(b); }) != line.end())
      return Match::yes;
  return end == bytes.npos && !ended ? Match::more : Match::no;
}

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

// "RFB 003.008\n"
Match vnc(std::string_view bytes, bool) {
  const Match start = starts(bytes, "RFB ");
  if (start != Match::yes) return start;
  Bytes version{bytes};
  for (std::size_t i = 4; i < 11; ++i)
    version.need(i, [i](auto b) { return i == 7 ? b == '.' : is_digit(static_cast<char>(b)); });
  return version.is(11, '\n').match;
}

// --- servers

// The status code in "HTTP/1.1 302".
constexpr std::size_t status_at = 9;
constexpr std::size_t status_end = 12;

Match http_status(std::string_view bytes, bool ended, bool redirect) {
  const Match start = starts(bytes, "HTTP/");
  if (start != Match::yes) return start;
  const Match version = Bytes{bytes}.need(5, [](auto b) { return b == '1' || b == '2'; }).match;
  if (version != Match::yes) return version;
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
  static constexpr std::array<std::string_view, 6> all = {"<html>",  "<html ",         "<html\r",
                                                          "<html\n", "<!doctype html", "<head>"};
  return any_of(bytes.substr(blank), all, true);
}

// A reply with one of these codes whose text has one of these words. Codes of three digits alone
// tell nothing: SVDRP, HylaFAX, VMware's daemon and many others greet with 220, CDDB with 200.
Match reply(std::string_view bytes, bool ended, std::span<const std::string_view> codes,
            std::span<const std::string_view> words) {
  const Match code = any_of(bytes, codes);
  return code == Match::yes ? line_with(bytes, ended, words) : code;
}

Match smtp_banner(std::string_view bytes, bool ended) {
  static constexpr std::array<std::string_view, 4> codes = {"220 ", "220-", "421 ", "554 "};
  static constexpr std::array<std::string_view, 2> words = {"SMTP", "LMTP"};
  // RFC 3463: no other protocol has codes of this kind
  static constexpr std::array<std::string_view, 3> enhanced = {"421 4.", "554 5.", "554-5."};
  const Match refused = any_of(bytes, enhanced);
  if (refused == Match::yes) return refused;
  const Match match = reply(bytes, ended, codes, words);
  return match == Match::no ? refused : match;
}

Match ftp_banner(std::string_view bytes, bool ended) {
  static constexpr std::array<std::string_view, 3> codes = {"220 ", "220-", "421 "};
  static constexpr std::array<std::string_view, 1> words = {"FTP"};
  return reply(bytes, ended, codes, words);
}

Match nntp(std::string_view bytes, bool ended) {
  static constexpr std::array<std::string_view, 2> codes = {"200 ", "201 "};
  static constexpr std::array<std::string_view, 5> words = {"NNTP", "NNRP", "InterNetNews",
                                                            "posting ", "no posting"};
  return reply(bytes, ended, codes, words);
}

// MUPDATE, of the same family, greets with "* OK MUPDATE".
Match imap(std::string_view bytes, bool) {
  static constexpr std::array<std::string_view, 3> all = {"* OK ", "* PREAUTH ", "* BYE "};
  const Match mupdate = starts(bytes, "* OK MUPDATE");
  if (mupdate == Match::yes) return Match::no;
  if (mupdate == Match::more) return mupdate;
  return any_of(bytes, all);
}

// "+OK" alone, and "-ERR", are Redis's and NATS's too, which unlike POP3 do not greet.
Match pop3(std::string_view bytes, bool ended) {
  const Match start = starts(bytes, "+OK ");
  if (start != Match::yes) return start;
  static constexpr std::array<std::string_view, 2> words = {"POP", "Dovecot"};
  return line_with(bytes, ended, words);
}

// An ErrorResponse in the current format ('E', a length, and the severity as first field) or the
// old one ("EFATAL: ").
Match postgres_error(std::string_view bytes, bool) {
  const Match old = starts(bytes, "EFATAL: ");
  if (old != Match::no) return old;
  return Bytes{bytes}
      .is(0, 'E')
      .is(1, 0)
      .is(2, 0)
      .need(3, [](auto b) { return b < 0x10; })
      .is(5, 'S')
      // in the server's language
      .need(6, [](auto b) { return (b >= 'A' && b <= 'Z') || b >= 0x80; })
      .match;
}

// The first packet of a connection, smaller than 64 KiB: protocol 10 and a version in digits, or an
// error with its number, 1000 or above, and a text, such as for a blocked host.
Match mysql(std::string_view bytes, bool) {
  Bytes head{bytes};
  head.is(2, 0).is(3, 0).need(4, [](auto b) { return b == 10 || b == 0xff; });
  if (head.match != Match::yes) return head.match;
  if (at(bytes, 4) == 0xff)
    return head.need(6, [](auto b) { return b >= 3 && b < 0x10; })
        .need(7, [](auto b) { return b >= ' ' && b < 0x7f; })
        .need(8, [](auto b) { return b >= ' ' && b < 0x7f; })
        .match;
  return head.need(5, [](auto b) { return is_digit(static_cast<char>(b)); })
      .need(6, [](auto b) { return b == '.' || is_digit(static_cast<char>(b)); })
      .match;
}

constexpr Entry servers[] = {
    {Protocol::tls, tls},           {Protocol::ssh, ssh},
    {Protocol::vnc, vnc},           {Protocol::http, http_response},
    {Protocol::redirect, redirect}, {Protocol::html, html},
    {Protocol::smtp, smtp_banner},  {Protocol::ftp, ftp_banner},
    {Protocol::nntp, nntp},         {Protocol::imap, imap},
    {Protocol::pop3, pop3},         {Protocol::postgres, postgres_error},
    {Protocol::mysql, mysql},
};

// --- clients

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

constexpr Entry clients[] = {
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
    case Protocol::ftp:
      return "FTP";
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
    case Protocol::iso_on_tcp:
      return "ISO on TCP";
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
    case Protocol::ftp:
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
