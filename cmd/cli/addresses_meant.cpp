// Takes words apart, and joins them.
#include "cmd/cli/addresses_meant.hpp"

#include <filesystem>

#include "base/host.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "config/address_meant.hpp"
#include "config/socket_address.hpp"

namespace tunnel::cmd {

namespace {

bool is_file(std::string_view name) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path_of(name), ignored);
}

}  // namespace

bool is_port(std::string_view word) { return word.size() <= 5 && is_digits(word); }

bool is_host_and_port(std::string_view word) { return config::host_port(word, false).has_value(); }

bool is_bare_host(std::string_view word) {
  if (word.starts_with('[') && word.ends_with(']')) word = word.substr(1, word.size() - 2);
  return is_host(word) && !is_configuration(word);
}

std::optional<std::string> target_of_url(std::string_view word) {
  const auto scheme = word.find("://");
  if (scheme == word.npos) return std::nullopt;
  std::string_view host = word.substr(scheme + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  if (const auto user = host.rfind('@'); user != host.npos) host.remove_prefix(user + 1);
  if (is_host_and_port(host)) return std::string(host);
  const auto port = config::port_of_scheme(word.substr(0, scheme));
  if (!port || !is_bare_host(host)) return std::nullopt;
  return with_port(host, std::to_string(*port));
}

std::optional<std::pair<std::string, std::string>> forwarding(std::string_view word) {
  for (auto colon = word.find(':'); colon != word.npos; colon = word.find(':', colon + 1)) {
    const std::string_view accept = word.substr(0, colon), connect = word.substr(colon + 1);
    const bool is_accept = is_port(accept) || is_host_and_port(accept);
    if (is_accept && is_host_and_port(connect))
      return std::pair{std::string(accept), std::string(connect)};
  }
  return std::nullopt;
}

bool is_configuration(std::string_view word, bool any_file) {
  const std::string name = lower_case(word);
  if (name.starts_with("unix:")) return false;
  if (name.ends_with(".toml") || name.ends_with(".toml.txt")) return true;
  return any_file && is_file(word);
}

std::optional<std::string> configuration_named(std::string_view word) {
  if (!is_bare_host(word) || word.find_first_of(".:") != word.npos) return std::nullopt;
  std::string file = std::string(word) + ".toml";
  return is_file(file) ? std::optional(std::move(file)) : std::nullopt;
}

}  // namespace tunnel::cmd
