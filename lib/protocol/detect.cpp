// The patterns of each protocol: what only that protocol begins with. Bytes that another protocol
// may begin with as well stay unknown, since advice for the wrong protocol does harm.
#include "protocol/detect.hpp"

#include <span>

#include "protocol/client_patterns.hpp"
#include "protocol/server_patterns.hpp"

namespace tunnel {

namespace {

Detection detect(std::span<const ProtocolPattern> patterns, std::string_view bytes, bool ended) {
  for (const ProtocolPattern& entry : patterns) {
    const Match match = entry.pattern(bytes, ended);
    if (match == Match::yes) return {entry.protocol, false};
    if (match == Match::more && !ended) return {Protocol::unknown, true};
  }
  return {};
}

}  // namespace

Detection detect_server(std::string_view bytes, bool ended) {
  return detect(server_patterns(), bytes, ended);
}

Detection detect_client(std::string_view bytes, bool ended) {
  return detect(client_patterns(), bytes, ended);
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
