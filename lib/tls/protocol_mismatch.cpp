// What a peer that does not speak TLS is recognised by, and what its user has to change.
#include "tls/protocol_mismatch.hpp"

#include <fmt/format.h>

#include <charconv>

#include <string>

#include "base/text.hpp"
#include "protocol/detect.hpp"
#include "protocol/explicit_tls.hpp"

namespace tunnel::tls {

namespace {

constexpr unsigned char alert_record = 0x15;
constexpr unsigned char handshake_record = 0x16;
constexpr std::size_t longest_line = 40;

Detection detect(const Failure& f, bool ended) {
  // our role is the other one than theirs
  return f.client ? detect_server(f.first_bytes, ended) : detect_client(f.first_bytes, ended);
}

std::string quoted(std::string_view bytes) {
  const std::string_view line = first_line(bytes);
  return fmt::format("\"{}\"", escaped(line.empty() ? bytes : line, longest_line));
}

// --- where this end is the client

std::string seen_from_server(Protocol protocol, const std::string& first_bytes) {
  switch (protocol) {
    case Protocol::html:
      return "with an HTML page";
    case Protocol::mysql:
      return "with a MySQL greeting";
    case Protocol::postgres:
      return "with a PostgreSQL error";
    default:
      return quoted(first_bytes);
  }
}

// The port in "host:port"; 0 if there is none.
std::uint16_t port_in(std::string_view peer) {
  const std::size_t colon = peer.rfind(':');
  if (colon == peer.npos || peer.starts_with("unix:")) return 0;
  std::uint16_t port = 0;
  const auto [end, error] =
      std::from_chars(peer.data() + colon + 1, peer.data() + peer.size(), port);
  return error == std::errc() && end == peer.data() + peer.size() ? port : std::uint16_t{0};
}

// Null where this end is the server: its port isn't the peer's.
const ExplicitTls* explicit_tls_of(const Failure& f) {
  return f.client ? explicit_tls_at(port_in(f.peer)) : nullptr;
}

std::string advice_for(const ExplicitTls& known, const Wording& wording) {
  return fmt::format(
      "port {} is usually {}'s, whose clients ask for TLS with {} first, and tunnel begins with "
      "the "
      "handshake: {}",
      known.port, known.protocol, known.request,
      known.tls_port == 0 ? fmt::format("let the client encrypt, and set {} for this service",
                                        wording.line(Setting::plain))
                          : fmt::format("use the port for TLS ({})", known.tls_port));
}

Error explain_server(const Failure& f) {
  const Protocol protocol = detect(f, true).protocol;
  Error out{fmt::format("{} answered {} where TLS was expected", f.peer,
                        seen_from_server(protocol, f.first_bytes)),
            fmt::format("turn the relay's TLS option on, or set {} for this service",
                        f.wording->line(Setting::plain))};
  if (protocol == Protocol::unknown) {
    if (const ExplicitTls* known = explicit_tls_of(f)) out.hint = advice_for(*known, *f.wording);
    return out;
  }
  out.what += fmt::format(": this port speaks {} in the clear", name_of(protocol));
  if (protocol == Protocol::redirect || protocol == Protocol::html) {
    out.what += ", or a proxy or sign-in page on the way answers in its place";
    out.hint = "does this network want a sign-in in a browser first? else " + out.hint;
  }
  if (protocol == Protocol::mysql || protocol == Protocol::postgres)
    out.hint = fmt::format(
        "turn the relay's TLS option on, or let the client encrypt, and set {} "
        "for this service",
        f.wording->line(Setting::plain));
  if (const auto port = tls_port_of(name_of(protocol)); port != 0)
    out.hint = fmt::format("use its port for TLS ({}), {}", port, out.hint);
  return out;
}

// --- where this end is the server

struct Advice {
  std::string_view seen;     // empty: its first line
  std::string_view meaning;  // may be empty
  std::string_view next;     // may be empty
  bool plain_relay = false;  // the next step is a service without TLS
};

Advice advice_for_client(Protocol protocol) {
  switch (protocol) {
    case Protocol::http:
      return {"", "it must use https, or go through a client-mode tunnel", ""};
    case Protocol::ssh:
      return {"", "SSH encrypts by itself and fails where a relay's TLS option is on", "", true};
    case Protocol::rdp:
      return {"an RDP connection request",
              "RDP encrypts by itself and fails where a relay's TLS option is on", "", true};
    case Protocol::vnc:
      return {"", "VNC comes in the clear", "it must go through a client-mode tunnel"};
    case Protocol::iso_on_tcp:
      return {"an ISO-on-TCP connection request",
              "S7, MMS and others that begin so come in the clear",
              "it must go through a client-mode tunnel"};
    case Protocol::modbus:
      return {"a Modbus/TCP request", "Modbus/TCP comes in the clear",
              "it must go through a client-mode tunnel"};
    case Protocol::smtp:
      return {"", "SMTP comes in the clear",
              "it must speak TLS from the start, without STARTTLS, or go through a client-mode "
              "tunnel"};
    case Protocol::postgres:
      return {"a PostgreSQL start-up message", "PostgreSQL asks for TLS in words of its own",
              "set sslnegotiation=direct there (PostgreSQL 17 and later), or let it go through a "
              "client-mode tunnel with sslmode=disable"};
    case Protocol::proxy:
      return {"a PROXY protocol header",
              "a load balancer on the way adds it, and nobody here asked for it",
              "turn the PROXY protocol off there"};
    case Protocol::socks:
      return {"a SOCKS greeting", "it takes this port for a proxy",
              "take this address out of its proxy settings"};
    case Protocol::old_tls:
      return {"a ClientHello of SSL 2.0", "it is too old, or ready for too old a server",
              "it must speak TLS 1.2 or 1.3"};
    default:
      return {"", "", "it must speak TLS, or go through a client-mode tunnel"};
  }
}

Error explain_client(const Failure& f) {
  const Advice advice = advice_for_client(detect(f, true).protocol);
  Error out{fmt::format("{} sent {} instead of a TLS ClientHello", f.peer,
                        advice.seen.empty() ? quoted(f.first_bytes) : std::string(advice.seen)),
            std::string(advice.next)};
  if (!advice.meaning.empty()) out.what += fmt::format(": {}", advice.meaning);
  if (advice.plain_relay)
    out.hint = fmt::format("set {} for this service", f.wording->line(Setting::plain));
  return out;
}

}  // namespace

bool may_be_tls(std::string_view first_bytes) {
  if (first_bytes.empty()) return true;
  const auto type = static_cast<unsigned char>(first_bytes.front());
  return (type == handshake_record || type == alert_record) &&
         (first_bytes.size() < 2 || first_bytes[1] == 3);
}

bool says_more(const Failure& f) {
  constexpr std::size_t enough = 64;
  if (f.first_bytes.size() >= enough || may_be_tls(f.first_bytes)) return false;
  const Detection found = detect(f, false);
  if (found.more) return true;
  const bool whole_line = f.first_bytes.find('\n', 1) != f.first_bytes.npos;
  return is_text(found.protocol) && !whole_line;
}

Error explain_protocol_mismatch(const Failure& f) {
  return f.client ? explain_server(f) : explain_client(f);
}

Error explain_early_end(const Failure& f) {
  if (!may_be_tls(f.first_bytes)) return explain_protocol_mismatch(f);
  const bool silent = f.first_bytes.empty();
  Error out{fmt::format("{} {} the connection {} the TLS handshake", f.peer,
                        f.by_reset ? "reset" : "closed",
                        silent ? "without a byte of" : "in the middle of"),
            ""};
  const ExplicitTls* known = silent ? explicit_tls_of(f) : nullptr;
  if (known != nullptr)
    out.hint = advice_for(*known, *f.wording);
  else if (f.client)
    out.hint = silent ? "is the relay's TLS option on, its time not up, and this machine's public "
                        "address among those that it admits?"
                      : "it does not say why: look at the log there";
  else
    out.hint = silent ? "a port scan or a health check does so, and a program that waits for the "
                        "other end to speak first"
                      : "it may not trust this certificate";
  return out;
}

Error explain_overdue(const Failure& f, std::chrono::milliseconds limit) {
  if (!may_be_tls(f.first_bytes)) return explain_protocol_mismatch(f);
  const std::string within = duration_text(limit);
  if (!f.first_bytes.empty())
    return {fmt::format("{} did not finish the TLS handshake within {}", f.peer, within),
            "the way to it may be slow, or lose large packets (MTU)"};
  const std::string no_answer =
      fmt::format("{} did not answer the TLS handshake within {}", f.peer, within);
  if (const ExplicitTls* known = explicit_tls_of(f))
    return {no_answer, advice_for(*known, *f.wording)};
  if (f.client)
    return {no_answer,
            "it may not speak TLS, and wait for words of its own protocol: is its port right, and "
            "the relay's TLS option on?"};
  return {fmt::format("{} sent nothing within {}: it waits for the other end to speak first, as "
                      "viewers of VNC and mail programs in the clear do",
                      f.peer, within),
          "it must speak TLS, or go through a client-mode tunnel"};
}

}  // namespace tunnel::tls
