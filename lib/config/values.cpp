// Strict parsers for the values inside strings.
#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/host.hpp"
#include "base/text.hpp"

namespace tunnel::config {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A name may end in the dot of the root.
bool is_host(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return is_host_name(host);
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
  if (!path.empty()) return "unix:" + path;
  if (!inherited.empty()) return "systemd:" + inherited;
  return host.find(':') == host.npos ? fmt::format("{}:{}", host, port)
                                     : fmt::format("[{}]:{}", host, port);
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
    if (!is_host(host) || (host.find_first_not_of("0123456789.") == host.npos && !is_ipv4(host)))
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
