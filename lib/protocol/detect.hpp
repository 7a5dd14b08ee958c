// Detects a protocol by the first bytes from a peer.
#pragma once

#include <string_view>

namespace tunnel {

enum class Protocol {
  unknown,
  tls,       // a handshake record or an alert
  old_tls,   // a ClientHello in the format of SSL 2.0
  ssh,       // RFC 4253 section 4.2
  vnc,       // RFC 6143 section 7.1.1
  http,      // a request, or the response of an ordinary server
  redirect,  // a response that comes from a proxy or captive portal rather than the server
  html,      // a page without a status line
  smtp,      // or LMTP
  ftp,
  nntp,
  imap,
  pop3,
  mysql,
  postgres,
  rdp,         // a connection request in TPKT (RFC 1006, ITU-T X.224) as only RDP has it
  iso_on_tcp,  // one as S7 and MMS have it
  modbus,      // Modbus/TCP
  proxy,       // a PROXY protocol header, version 1 or 2
  socks,       // version 4 or 5
};

struct Detection {
  Protocol protocol = Protocol::unknown;
  bool more = false;  // undecided: more bytes may tell

  bool operator==(const Detection&) const = default;
};

// Detects what a server sends first or in response to a ClientHello, and what a client sends first.
// More bytes never change a decision. `ended` means that no more bytes will follow: the result is
// then never `more`.
Detection detect_server(std::string_view bytes, bool ended = false);
Detection detect_client(std::string_view bytes, bool ended = false);

// Whether the bytes are the beginning of a ClientHello; false for fewer than 6 bytes.
bool is_client_hello(std::string_view bytes);

// "SSH", "Modbus/TCP"; empty for unknown.
std::string_view name_of(Protocol protocol);

// Whether the protocol's first message is lines of text, which a log can show.
bool is_text(Protocol protocol);

// The first line that is not empty, without its line end.
std::string_view first_line(std::string_view bytes);

}  // namespace tunnel
