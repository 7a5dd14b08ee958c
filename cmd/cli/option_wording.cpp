// Keys of a file as options and arguments.
#include "cmd/cli/option_wording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace tunnel {

namespace {

// The keys with an option of the same name.
constexpr std::array<std::string_view, 10> own_options = {
    "ca",  "pin",       "verify",     "server_name", "cert",
    "key", "client_ca", "client_pin", "allow",       "open_for"};

bool has_own_option(std::string_view key) {
  return std::find(own_options.begin(), own_options.end(), key) != own_options.end();
}

// The key that "--server-name", "--set warm" or "ACCEPT" stands for.
std::string key_of(std::string_view option) {
  for (const std::string_view prefix : {"--set ", "--"})
    if (option.starts_with(prefix)) {
      option.remove_prefix(prefix.size());
      break;
    }
  std::string key(option);
  for (char& c : key)
    c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return key;
}

std::string_view without_quotes(std::string_view toml) {
  const bool quoted = toml.size() > 1 && (toml.front() == '"' || toml.front() == '\'') &&
                      toml.ends_with(toml.front());
  return quoted ? toml.substr(1, toml.size() - 2) : toml;
}

}  // namespace

std::string option_of(std::string_view key) {
  std::string out = "--" + std::string(key);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

std::string OptionWording::key_line(std::string_view key, std::string_view toml,
                                    std::string_view words) const {
  const std::string_view value = words.empty() ? without_quotes(toml) : toml;
  if (key == "accept" && command_ == "run") return fmt::format("--accept {}{}", value, words);
  if (key == "accept") return fmt::format("tunnel {} {} {}{}", command_, value, connect_, words);
  if (key == "connect" && command_ == "run")
    return fmt::format("tunnel run {} -- ...{}", value, words);
  if (key == "connect") return fmt::format("tunnel {} {} {}{}", command_, accept_, value, words);
  if (key == "client") return fmt::format("tunnel client does that{}", words);
  if (key == "tls")
    return fmt::format("{}{}", toml == "false" ? "--no-tls" : "leave --no-tls out", words);
  if (key == "level" || has_own_option(key))
    return fmt::format("{} {}{}", key_name(key), value, words);
  return fmt::format("{}={}{}", key_name(key), value, words);
}

std::string OptionWording::key_name(std::string_view key) const {
  if (key == "accept") return command_ == "run" ? "--accept" : "ACCEPT";
  if (key == "connect") return "CONNECT";
  if (key == "client") return "tunnel client";
  if (key == "tls") return "--no-tls";
  if (key == "level") return "--log-level";
  return has_own_option(key) ? option_of(key) : fmt::format("--set {}", key);
}

std::string OptionWording::heading(const config::Place& place, std::string_view /*scope*/,
                                   std::string_view key) const {
  const bool named = key.empty() || key_of(place.file) == key;
  return named ? place.text() + ": " : fmt::format("{}: {}: ", place.text(), key);
}

}  // namespace tunnel
