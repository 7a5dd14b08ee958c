// Guesses at addresses: what they return is for a suggestion, and is never used unseen.
#include "config/address_meant.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "base/host.hpp"
#include "base/text.hpp"
#include "config/socket_address.hpp"
#include "config/values.hpp"

namespace tunnel::config {

namespace {

struct NamedPort {
  std::string_view name;
  std::uint16_t port;
};
constexpr NamedPort named_ports[] = {
    {"http", 80},    {"ws", 80},         {"ssh", 22},     {"sftp", 22},       {"vnc", 5900},
    {"rfb", 5900},   {"rdp", 3389},      {"smtp", 25},    {"smtps", 465},     {"imap", 143},
    {"imaps", 993},  {"pop3", 110},      {"pop3s", 995},  {"ldap", 389},      {"ldaps", 636},
    {"ftp", 21},     {"ftps", 990},      {"mysql", 3306}, {"postgres", 5432}, {"postgresql", 5432},
    {"redis", 6379}, {"rediss", 6379},   {"mqtt", 1883},  {"mqtts", 8883},    {"amqp", 5672},
    {"amqps", 5671}, {"mongodb", 27017}, {"telnet", 23},  {"dns", 53},        {"https", 443},
    {"wss", 443}};
constexpr std::uint16_t usual_port = 443;

struct Parts {
  std::string host;
  std::string port;
  std::uint16_t scheme_port = usual_port;
};

void drop_end(std::string& text, std::string_view signs) {
  text.resize(std::min(text.size(), text.find_first_of(signs)));
}

// No blanks at the ends and around colons; "host 443" and "host,443" get a colon.
std::string tidy(std::string_view text) {
  std::string out;
  for (const char c : trimmed(text)) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (blank && out.ends_with(':')) continue;
    if (c == ':')
      while (out.ends_with(' ')) out.pop_back();
    out += blank ? ' ' : c;
  }
  const auto gap = out.find_last_of(" ,;");
  const bool port_follows =
      gap != std::string::npos && is_digits(std::string_view(out).substr(gap + 1));
  const std::string before = out.substr(0, gap);
  const bool ends_host = before.find(':') == std::string::npos || is_ipv6(before);
  if (port_follows && ends_host) return with_port(before, out.substr(gap + 1));
  return out;
}

void split_ipv6(const std::string& text, Parts& out) {
  const auto colon = text.rfind(':');
  const std::string last = text.substr(colon + 1);
  const std::string before = text.substr(0, colon);
  // "::1:443" is an address, but hardly the one that was meant
  const bool port = last.size() >= 2 && is_digits(last) && is_ipv6(before);
  out.host = port ? before : text;
  if (port) out.port = last;
}

Parts parts_of(std::string_view written) {
  Parts out;
  std::string text = tidy(written);
  if (const auto scheme = text.find("://"); scheme != std::string::npos) {
    out.scheme_port = port_of_scheme(text.substr(0, scheme)).value_or(usual_port);
    text.erase(0, scheme + 3);
  } else {
    for (const std::string_view word : {"tcp:", "tls:", "ssl:", "tcp4:", "tcp6:", "openssl:"})
      if (lower_case(text).starts_with(word) && text.find(':', word.size()) != std::string::npos)
        text.erase(0, word.size());
  }
  drop_end(text, "/?#");
  if (const auto at = text.rfind('@'); at != std::string::npos) text.erase(0, at + 1);
  if (text.starts_with('[')) {
    const auto close = std::min(text.find(']'), text.size());
    out.host = text.substr(1, close - 1);
    if (close == text.size() && !is_ipv6(out.host)) split_ipv6(std::string(out.host), out);
    const auto rest = close < text.size() ? text.substr(close + 1) : "";
    if (!rest.empty()) out.port = rest.substr(rest.starts_with(':') ? 1 : 0);
    if (out.host.empty()) out.host = "::1";
    return out;
  }
  if (is_ipv6(text)) {
    split_ipv6(text, out);
    return out;
  }
  while (text.size() > 1 && text.ends_with(':') && text.find(':') < text.size() - 1)
    text.pop_back();
  const auto colon = text.rfind(':');
  out.host = text.substr(0, colon);
  if (colon != std::string::npos) out.port = text.substr(colon + 1);
  return out;
}

std::string host_of(const std::string& host, bool listening) {
  const std::string word = lower_case(host);
  for (const std::string_view any : {"", "*", "0", "any", "all"})
    if (word == any) return listening ? "0.0.0.0" : "127.0.0.1";
  if (host == "::" && !listening) return "::1";
  if (is_host(host)) return host;
  return listening ? "127.0.0.1" : "relay.example";
}

std::uint16_t port_of(const Parts& parts, bool listening) {
  unsigned value = 0;
  const char* const end = parts.port.data() + parts.port.size();
  const auto read = std::from_chars(parts.port.data(), end, value);
  if (parts.port.empty()) return parts.scheme_port;
  if (read.ec == std::errc() && read.ptr == end && value <= 65535 && (value != 0 || listening))
    return static_cast<std::uint16_t>(value);
  return port_of_scheme(parts.port).value_or(usual_port);
}

std::optional<std::string> network_of_pattern(std::string_view text) {
  // "192.168.1.*", "192.168.1." and "192.168.1"
  std::string start;
  unsigned bytes = 0;
  std::string_view rest = text;
  while (bytes < 4 && !rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('.'));
    if (part == "*" || part == "x" || part.empty()) break;
    if (!is_digits(part)) return std::nullopt;
    start.append(start.empty() ? "" : ".").append(part);
    ++bytes;
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  }
  if (bytes == 0 || bytes == 4 || rest.find_first_not_of("*x.") != rest.npos) return std::nullopt;
  const unsigned prefix = bytes * 8;
  for (; bytes < 4; ++bytes) start += ".0";
  if (!is_ipv4(start)) return std::nullopt;
  return fmt::format("{}/{}", start, prefix);
}

}  // namespace

std::optional<std::uint16_t> port_of_scheme(std::string_view name) {
  const std::string lower = lower_case(name);
  const auto* at = std::find_if(std::begin(named_ports), std::end(named_ports),
                                [&](const NamedPort& one) { return one.name == lower; });
  return at == std::end(named_ports) ? std::nullopt : std::optional(at->port);
}

std::string address_meant(std::string_view text, bool listening) {
  if (trimmed(text).empty()) return HostPort{"127.0.0.1", usual_port}.text();
  const Parts parts = parts_of(text);
  const HostPort out{host_of(parts.host, listening), port_of(parts, listening)};
  return out.text();
}

std::string host_meant(std::string_view text) {
  std::string host = parts_of(text).host;
  while (host.ends_with('.')) host.pop_back();
  return is_host(host) ? host : "relay.example";
}

std::string range_meant(std::string_view text) {
  const std::string word = lower_case(trimmed(text));
  for (const std::string_view any : {"any", "all", "*", "everyone", "anyone", "0", "0/0"})
    if (word == any) return "0.0.0.0/0";
  for (const std::string_view here : {"localhost", "local", "loopback"})
    if (word == here) return "127.0.0.0/8";
  if (auto network = network_of_pattern(word)) return *network;
  const std::string host = parts_of(word).host;
  return is_address(host) ? host : "192.0.2.0/24";
}

}  // namespace tunnel::config
