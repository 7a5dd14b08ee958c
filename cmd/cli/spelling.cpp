// Compares words with the names in CLI11.
#include "cmd/cli/spelling.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

#include "base/lookalike.hpp"
#include "base/text.hpp"
#include "cmd/cli/options_read.hpp"

namespace tunnel::cmd {

namespace {

using Pair = std::pair<std::string_view, std::string_view>;

// The first of these that the command has is meant.
constexpr std::array<Pair, 42> other_options = {{
    {"c", "config"},
    {"f", "config"},
    {"file", "config"},
    {"cfg", "config"},
    {"configuration", "config"},
    {"ca", "client-ca"},
    {"pin", "client-pin"},
    {"cafile", "ca"},
    {"ca-file", "ca"},
    {"cacert", "ca"},
    {"ca-cert", "ca"},
    {"capath", "ca"},
    {"root-ca", "ca"},
    {"fingerprint", "pin"},
    {"certificate", "cert"},
    {"cert-file", "cert"},
    {"certfile", "cert"},
    {"crt", "cert"},
    {"cert-key", "key"},
    {"key-file", "key"},
    {"keyfile", "key"},
    {"private-key", "key"},
    {"sni", "server-name"},
    {"servername", "server-name"},
    {"host-name", "server-name"},
    {"listen", "accept"},
    {"bind", "accept"},
    {"local", "accept"},
    {"remote", "connect"},
    {"target", "connect"},
    {"relay", "connect"},
    {"to", "connect"},
    {"t", "test"},
    {"dry-run", "test"},
    {"check", "test"},
    {"validate", "test"},
    {"plain", "no-tls"},
    {"no-ssl", "no-tls"},
    {"loglevel", "log-level"},
    {"w", "watch"},
    {"follow", "watch"},
    {"v", "version"},
}};

constexpr std::array<Pair, 23> other_commands = {{
    {"stats", "status"},     {"stat", "status"},    {"ps", "status"},       {"list", "status"},
    {"ls", "status"},        {"show", "status"},    {"top", "status"},      {"genkey", "keygen"},
    {"gen-key", "keygen"},   {"key-gen", "keygen"}, {"mkcert", "keygen"},   {"remove", "uninstall"},
    {"delete", "uninstall"}, {"enable", "install"}, {"service", "install"}, {"probe", "check"},
    {"ping", "check"},       {"diagnose", "check"}, {"doctor", "check"},    {"exec", "run"},
    {"fingerprint", "pin"},  {"connect", "client"}, {"dial", "client"},
}};

std::string without_dashes(std::string_view word) {
  std::string out = with_plain_characters(word);
  out.erase(0, std::min(out.find_first_not_of('-'), out.size()));
  return out;
}

bool has(const std::vector<std::string_view>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string by_prefix(std::string_view word, const std::vector<std::string_view>& names) {
  // an unclear word must not turn TLS off
  const auto begins = [&](std::string_view name) {
    return name.starts_with(word) && name != "no-tls";
  };
  if (word.size() < 2 || std::ranges::count_if(names, begins) != 1) return {};
  return std::string(*std::ranges::find_if(names, begins));
}

template <std::size_t n>
std::string by_table(std::string_view word, const std::vector<std::string_view>& names,
                     const std::array<Pair, n>& table) {
  for (const auto& [other, name] : table)
    if (other == word && has(names, name)) return std::string(name);
  return {};
}

template <std::size_t n>
std::string meant(const std::string& word, const std::vector<std::string_view>& names,
                  const std::array<Pair, n>& table) {
  if (has(names, word)) return word;
  if (auto name = by_table(word, names, table); !name.empty()) return name;
  if (auto name = by_prefix(word, names); !name.empty()) return name;
  return nearest(word, names);
}

}  // namespace

bool is_option_like(std::string_view word) {
  return word.size() > 1 && with_plain_characters(word).starts_with('-');
}

std::string option_meant(const CLI::App& app, std::string_view word) {
  std::string plain = lower_case(without_dashes(word));
  std::ranges::replace(plain, '_', '-');
  const Words with_dashes = option_names(app);
  std::vector<std::string_view> names;
  for (const std::string_view name : with_dashes)
    if (name.starts_with("--")) names.push_back(name.substr(2));
  if (plain.empty()) return {};
  const std::string name = meant(plain, names, other_options);
  return name.empty() ? name : "--" + name;
}

std::string command_meant(const CLI::App& app, std::string_view word) {
  Words commands = command_names(app);
  commands.emplace_back("uninstall");  // help doesn't list it
  return meant(lower_case(without_dashes(word)), {commands.begin(), commands.end()},
               other_commands);
}

}  // namespace tunnel::cmd
