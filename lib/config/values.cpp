// The small languages inside strings, read strictly.
#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/text.hpp"

namespace tunnel::config {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

// Letters, digits, hyphen, dot, and the underscore that real networks use (RFC 1123 section 2.1).
bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-') return false;
  if (host.find("..") != host.npos) return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_';
  });
}

std::optional<unsigned> number(std::string_view text, unsigned max) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value > max)
    return std::nullopt;
  return value;
}

Error no_port(std::string_view text, std::string_view host) {
  return {fmt::format("\"{}\" has no port", escaped(text)),
          HostPort{std::string(host), 443}.text()};
}

}  // namespace

std::string HostPort::text() const {
  return host.find(':') == host.npos ? fmt::format("{}:{}", host, port)
                                     : fmt::format("[{}]:{}", host, port);
}

std::string Mistake::text() const {
  std::string out =
      place.line == 0 ? place.file : fmt::format("{}:{}:{}", place.file, place.line, place.column);
  if (!scope.empty()) out += ": " + scope;
  out += ": " + what;
  if (!suggestion.empty()) out += "\n    " + suggestion;
  return out;
}

bool is_ipv4(std::string_view host) {
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = part < 3 ? host.find('.') : host.size();
    if (dot == host.npos || dot > 3 || !number(host.substr(0, dot), 255)) return false;
    host.remove_prefix(std::min(dot + 1, host.size()));
  }
  return host.empty();
}

bool is_ipv6(std::string_view host) {
  // a zone such as %eth0 goes to the system as it is
  host = host.substr(0, host.find('%'));
  if (host.size() < 2 || host.find(':') == host.npos) return false;
  const std::size_t gap = host.find("::");
  if (gap != host.npos && host.find("::", gap + 1) != host.npos) return false;
  int groups = 0;
  std::size_t at = 0;
  while (at < host.size()) {
    if (host[at] == ':') {
      const bool in_gap = gap != host.npos && (at == gap || at == gap + 1);
      if (!in_gap && (at == 0 || at + 1 == host.size())) return false;
      ++at;
      continue;
    }
    const std::size_t end = std::min(host.find(':', at), host.size());
    const std::string_view group = host.substr(at, end - at);
    if (end == host.size() && group.find('.') != group.npos) {
      if (!is_ipv4(group)) return false;
      groups += 2;
    } else {
      if (group.size() > 4 || !std::all_of(group.begin(), group.end(), is_hex)) return false;
      ++groups;
    }
    at = end;
  }
  return gap == host.npos ? groups == 8 : groups < 8;
}

Result<HostPort> host_port(std::string_view text, bool zero_allowed) {
  if (const auto scheme = text.find("://"); scheme != text.npos) {
    const std::string_view rest = text.substr(scheme + 3);
    auto inner = host_port(rest.substr(0, rest.find('/')), false);
    return Error{fmt::format("\"{}\" is a URL, where a host and a port are wanted", escaped(text)),
                 inner ? inner->text() : "relay.example:443"};
  }
  std::string_view host;
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const auto close = text.find(']');
    if (close == text.npos)
      return Error{fmt::format("\"{}\" opens a bracket and does not close it", escaped(text)),
                   "[::1]:443"};
    host = text.substr(1, close - 1);
    if (!is_ipv6(host))
      return Error{fmt::format("\"{}\" has no IPv6 address between its brackets", escaped(text)),
                   "[::1]:443"};
    const std::string_view rest = text.substr(close + 1);
    if (rest.empty()) return no_port(text, host);
    if (rest.front() != ':')
      return Error{
          fmt::format("\"{}\" has something other than a port behind the bracket", escaped(text)),
          HostPort{std::string(host), 443}.text()};
    port = rest.substr(1);
  } else {
    if (is_ipv6(text))
      return Error{
          fmt::format("\"{}\" has no port, or no brackets around its IPv6 address", escaped(text)),
          HostPort{std::string(text), 443}.text()};
    const auto colon = text.rfind(':');
    host = text.substr(0, colon);
    if (host.empty())
      return Error{fmt::format("\"{}\" has no host", escaped(text)), "127.0.0.1:443"};
    if (!is_host_name(host) ||
        (host.find_first_not_of("0123456789.") == host.npos && !is_ipv4(host)))
      return Error{fmt::format("\"{}\" is neither a host name nor an address", escaped(host)),
                   "relay.example:443"};
    if (colon == text.npos) return no_port(text, host);
    port = text.substr(colon + 1);
  }
  const auto value = number(port, 65535);
  if (port.empty()) return no_port(text, host);
  if (!value || (*value == 0 && !zero_allowed))
    return Error{fmt::format("port \"{}\" is not a number from {} to 65535", escaped(port),
                             zero_allowed ? 0 : 1),
                 HostPort{std::string(host), 443}.text()};
  return HostPort{std::string(host), static_cast<std::uint16_t>(*value)};
}

Result<std::chrono::milliseconds> duration(std::string_view text) {
  using std::chrono::milliseconds;
  struct Unit {
    std::string_view name;
    std::uint64_t ms;
  };
  static constexpr Unit units[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  static constexpr std::uint64_t longest = 3650ULL * 86'400'000;

  const auto wrong = [&](std::string_view why, std::string hint) {
    return Error{fmt::format("\"{}\" {}", escaped(text), why), std::move(hint)};
  };
  std::uint64_t total = 0;
  std::string_view rest = text;
  do {
    const std::size_t digits = static_cast<std::size_t>(
        std::find_if_not(rest.begin(), rest.end(), is_digit) - rest.begin());
    std::uint64_t amount = 0;
    const auto parsed = std::from_chars(rest.data(), rest.data() + digits, amount);
    if (digits == 0 || parsed.ec != std::errc()) return wrong("is not a duration", "30s");
    rest.remove_prefix(digits);
    if (rest.empty()) return wrong("has no unit: ms, s, m, h or d", fmt::format("{}s", amount));
    const std::string_view name = rest.substr(
        0,
        static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), is_digit) - rest.begin()));
    const auto* unit = std::find_if(std::begin(units), std::end(units),
                                    [&](const Unit& u) { return u.name == name; });
    if (unit == std::end(units))
      return wrong("has a unit that is none of ms, s, m, h, d", fmt::format("{}s", amount));
    if (amount > longest / unit->ms || total + amount * unit->ms > longest)
      return wrong("is longer than ten years", "0s");
    total += amount * unit->ms;
    rest.remove_prefix(name.size());
  } while (!rest.empty());
  return milliseconds(total);
}

Result<std::string> expand_variables(std::string_view text, const Environment& environment) {
  std::string out;
  for (;;) {
    const auto start = text.find("${");
    if (start == text.npos) return out.append(text);
    if (start > 0 && text[start - 1] == '$') {
      out.append(text.substr(0, start - 1)).append("${");
      text.remove_prefix(start + 2);
      continue;
    }
    out.append(text.substr(0, start));
    text.remove_prefix(start + 2);
    const auto end = text.find('}');
    if (end == text.npos)
      return Error{"\"${\" is not closed by \"}\"", "write $${ for a literal ${"};
    const std::string name(text.substr(0, end));
    const auto value = environment(name);
    if (!value)
      return Error{
          fmt::format("the environment variable {} is not set", escaped(name)),
          fmt::format("set {} before the start, or write the value itself", escaped(name))};
    out.append(*value);
    text.remove_prefix(end + 1);
  }
}

}  // namespace tunnel::config
