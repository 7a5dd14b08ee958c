// Which protocol the first bytes of a peer are.
#pragma once

#include <string_view>

namespace tunnel {

enum class Protocol {
  unknown,
  tls,       // a handshake record or an alert
  old_tls,   // a ClientHello in the form of SSL 2.0
  ssh,       // RFC 4253 section 4.2
  vnc,       // RFC 6143 section 7.1.1
  http,      // a request, or an answer of an ordinary server
  redirect,  // an HTTP answer that a proxy or a captive portal gives in place of the server
  html,      // a page without a status line
  smtp,      // what a client says first; a server's greeting is mail_or_ftp
  mail_or_ftp,
  nntp,
  imap,
  pop3,
  mysql,
  postgres,
  rdp,     // a connection request in TPKT (RFC 1006, ITU-T X.224)
  modbus,  // Modbus/TCP
  proxy,   // a header of the PROXY protocol, version 1 or 2
  socks,   // version 4 or 5
};

struct Greeting {
  Protocol protocol = Protocol::unknown;
  bool more = false;  // too few bytes yet: the protocol may still become known

  bool operator==(const Greeting&) const = default;
};

// What a server says first, or in answer to a ClientHello; what a client says first. What has
// once been told of some bytes stays so when more follow. With `ended`, for when no more come, the
// answer is never "more".
Greeting greeting_of_server(std::string_view bytes, bool ended = false);
Greeting greeting_of_client(std::string_view bytes, bool ended = false);

// Whether a ClientHello begins with these bytes; fewer than 6 are too few to tell.
bool is_client_hello(std::string_view bytes);

// "SSH", "SMTP or FTP"; empty for unknown.
std::string_view name_of(Protocol protocol);

// Whether what is said are lines of text, which can be shown as they are.
bool is_text(Protocol protocol);

// The first line, without its end: empty lines before it are passed over.
std::string_view first_line(std::string_view bytes);

}  // namespace tunnel
