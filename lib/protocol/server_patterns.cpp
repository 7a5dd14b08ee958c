// The patterns, each of what only that protocol begins with.
#include "protocol/server_patterns.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace tunnel {

namespace {

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

constexpr ProtocolPattern all[] = {
    {Protocol::tls, tls},           {Protocol::ssh, ssh},
    {Protocol::vnc, vnc},           {Protocol::http, http_response},
    {Protocol::redirect, redirect}, {Protocol::html, html},
    {Protocol::smtp, smtp_banner},  {Protocol::ftp, ftp_banner},
    {Protocol::nntp, nntp},         {Protocol::imap, imap},
    {Protocol::pop3, pop3},         {Protocol::postgres, postgres_error},
    {Protocol::mysql, mysql},
};

}  // namespace

std::span<const ProtocolPattern> server_patterns() { return all; }

}  // namespace tunnel
