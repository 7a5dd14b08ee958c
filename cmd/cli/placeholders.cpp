// Finds and replaces placeholders.
#include "cmd/cli/placeholders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"

namespace tunnel::cmd {

namespace {

constexpr std::array<std::string_view, 3> parts = {"accept", "host", "port"};

// An address that a client on this machine can connect to.
net::Endpoint reachable(const net::Endpoint& endpoint) {
  if (!endpoint.address().is_unspecified()) return endpoint;
  if (endpoint.address().is_v4()) return {asio::ip::address_v4::loopback(), endpoint.port()};
  return {asio::ip::address_v6::loopback(), endpoint.port()};
}

Result<std::string> value_of(std::string_view part, const Listening& service) {
  if (service.addresses.empty())
    return Error{fmt::format("{{{}}}: the service \"{}\" has no TCP address, only UNIX sockets",
                             part, service.service),
                 "write the path of its socket into the command"};
  const net::Endpoint endpoint = reachable(service.addresses.front());
  if (part == "accept") return net::text(endpoint);
  if (part == "host") return endpoint.address().to_string();
  return std::to_string(endpoint.port());
}

// The value of the placeholder; nothing if `name` is not a placeholder.
std::optional<Result<std::string>> look_up(std::string_view name,
                                           const std::vector<Listening>& services) {
  const auto dot = name.rfind('.');
  const std::string_view part = dot == name.npos ? name : name.substr(dot + 1);
  if (std::find(parts.begin(), parts.end(), part) == parts.end()) return std::nullopt;
  if (dot == name.npos) {
    if (services.size() == 1) return value_of(part, services.front());
    return Error{fmt::format("{{{}}}: the file has {} services: say which one is meant", part,
                             services.size()),
                 fmt::format("{{{}.{}}}", services.front().service, part)};
  }
  const std::string_view service = name.substr(0, dot);
  const auto found = std::ranges::find(services, service, &Listening::service);
  if (found != services.end()) return value_of(part, *found);
  std::vector<std::string_view> names;
  for (const Listening& each : services) names.push_back(each.service);
  const std::string meant = nearest(service, names);
  return Error{fmt::format("{{{}}}: there is no service \"{}\"", one_line(name), one_line(service)),
               fmt::format("{{{}.{}}}", meant.empty() ? std::string(names.front()) : meant, part)};
}

}  // namespace

Result<std::vector<std::string>> fill_in(const std::vector<std::string>& words,
                                         const std::vector<Listening>& services) {
  std::vector<std::string> out;
  for (std::string_view rest : words) {
    std::string word;
    while (!rest.empty()) {
      const auto open = rest.find('{');
      const auto close = rest.find('}', open);
      if (open == rest.npos || close == rest.npos) break;
      const bool of_a_shell = open > 0 && rest[open - 1] == '$';
      const auto value =
          of_a_shell ? std::nullopt : look_up(rest.substr(open + 1, close - open - 1), services);
      if (value && !*value) return value->error();
      word += rest.substr(0, open);
      // skip one brace only: the next one may begin a placeholder, as in {{port}}
      if (value)
        word += **value;
      else
        word += '{';
      rest.remove_prefix(value ? close + 1 : open + 1);
    }
    out.push_back(word.append(rest));
  }
  return out;
}

}  // namespace tunnel::cmd
