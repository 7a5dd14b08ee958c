// Recognises stunnel.conf by its shape and its options, and writes its services as TOML.
#include "config/stunnel_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "config/foreign_keys.hpp"
#include "config/headers.hpp"
#include "config/raw.hpp"
#include "config/socket_address.hpp"
#include "config/toml_string.hpp"
#include "config/values.hpp"

namespace tunnel::config {

namespace {

struct Option {
  std::string name;  // in lower case
  std::string value;
};
using Options = std::vector<Option>;

struct Section {
  std::string name;
  Options options;
};

struct File {
  Options global;
  std::vector<Section> sections;
};

constexpr std::size_t most_sections = 20;

// Nothing where a line is neither an option, a section nor a comment.
std::optional<File> read_lines(std::string_view text) {
  File out;
  while (!text.empty()) {
    std::string_view line = trimmed(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.size(), text.find('\n')));
    if (text.starts_with('\n')) text.remove_prefix(1);
    if (line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    if (line.empty() || line.starts_with(';') || line.starts_with('#')) continue;
    if (line.starts_with('[')) {
      if (!line.ends_with(']') || line.starts_with("[[")) return std::nullopt;
      out.sections.push_back({std::string(line.substr(1, line.size() - 2)), {}});
      if (out.sections.size() > most_sections) return std::nullopt;
      continue;
    }
    const auto equals = line.find('=');
    const std::string name = lower_case(trimmed(line.substr(0, equals)));
    if (equals == line.npos || name.find_first_of(" \"'") != name.npos) return std::nullopt;
    Options& options = out.sections.empty() ? out.global : out.sections.back().options;
    options.push_back({name, std::string(trimmed(line.substr(equals + 1)))});
  }
  return out;
}

const Option* find(const Options& options, std::string_view name) {
  for (const Option& one : options)
    if (one.name == name) return &one;
  return nullptr;
}

bool is_quoted(std::string_view value) { return value.starts_with('"') || value.starts_with('\''); }

// Sections that are none of ours, with unquoted addresses or options that only stunnel has.
bool is_stunnel(const File& file) {
  static constexpr std::string_view own[] = {
      "pid",        "foreground", "cafile", "verifychain", "verifypeer", "checkhost",
      "sslversion", "setuid",     "setgid", "timeoutidle", "options",    "fips"};
  bool strong = false;
  bool address = false;
  const auto look = [&](const Options& options) {
    for (const Option& one : options) {
      strong = strong || std::find(std::begin(own), std::end(own), one.name) != std::end(own);
      address =
          address || ((one.name == "accept" || one.name == "connect") && !is_quoted(one.value));
      if (is_quoted(one.value)) return false;
    }
    return true;
  };
  if (!look(file.global)) return false;
  for (const Section& section : file.sections) {
    const std::string name = lower_case(section.name);
    for (const std::string_view ours : {"service", "log", "process", "status", "defaults"})
      if (name == ours || name.starts_with("service.")) return false;
    if (!look(section.options)) return false;
  }
  return address && (strong || !file.sections.empty());
}

// One service's options with the lines that stand for them.
class Translation {
 public:
  Translation(std::string name, const Options& global, const Options& own)
      : name_(std::move(name)), options_(own) {
    for (const Option& one : global)
      if (find(own, one.name) == nullptr) options_.push_back(one);
    client_ = truth_of(value("client")).value_or(false);
  }

  std::string toml() {
    add("[" + service_header(name_) + "]");
    if (client_) add("client = true");
    addresses("accept", true);
    addresses("connect", false);
    identity();
    trust();
    limits();
    if (!dropped_.empty()) add("# left out: " + joined_with_and(dropped_));
    return out_;
  }

 private:
  std::string value(std::string_view name) const {
    const Option* one = find(options_, name);
    return one != nullptr ? one->value : "";
  }
  bool has(std::string_view name) const { return find(options_, name) != nullptr; }
  void add(std::string_view line) { out_.append(out_.empty() ? "" : "\n    ").append(line); }
  void add(std::string_view key, std::string_view toml) { add(fmt::format("{} = {}", key, toml)); }
  void copy(std::string_view name, std::string_view key) {
    if (has(name)) add(key, toml_string(value(name)));
  }

  static std::string address(const std::string& text, bool listening) {
    if (is_digits(text)) return listening ? text : toml_string("127.0.0.1:" + text);
    if (text.starts_with('/')) return toml_string("unix:" + text);
    auto read = host_port(text, listening);
    return toml_string(read ? text : read.error().hint);
  }

  void addresses(std::string_view key, bool listening) {
    std::vector<std::string> all;
    for (const Option& one : options_)
      if (one.name == key) all.push_back(address(one.value, listening));
    if (all.empty()) all.push_back(listening ? "5999" : "\"relay.example:443\"");
    std::string list;
    for (const std::string& one : all) list += (list.empty() ? "" : ", ") + one;
    add(key, all.size() == 1 ? list : fmt::format("[{}]", list));
    // stunnel takes them by turns unless it is told otherwise
    if (!listening && all.size() > 1 && !value("failover").starts_with("prio"))
      add("balance", "\"round-robin\"");
  }

  void identity() {
    copy("cert", "cert");
    if (!client_ && !has("cert")) add("cert", "\"relay.pem\"");
    if (has("key"))
      copy("key", "key");
    else if (has("cert"))
      add("# without key, the key is taken from the file of cert");
  }

  bool verifies() const {
    for (const std::string_view name : {"verifychain", "verifypeer"})
      if (truth_of(value(name)).value_or(false)) return true;
    const std::string level = value("verify");
    return level == "2" || level == "3" || level == "4";
  }

  bool pins() const {
    return truth_of(value("verifypeer")).value_or(false) || value("verify") == "3" ||
           value("verify") == "4";
  }

  void trust() {
    const std::string authorities = has("cafile") ? value("cafile") : value("capath");
    if (!client_) {
      if (verifies()) add("client_ca", toml_string(authorities.empty() ? "ca.pem" : authorities));
      if (verifies()) copy("crlfile", "crl");
      if (has("sni")) drop("sni");
      return;
    }
    if (!authorities.empty()) add("ca", toml_string(authorities));
    copy("crlfile", "crl");
    for (const std::string_view name : {"checkhost", "checkip", "sni"})
      if (has(name)) {
        copy(name, "server_name");
        break;
      }
    if (pins()) add("# verifyPeer: put in the pin line that \"tunnel pin\" shows for the peer");
    if (!verifies())
      add("# stunnel verified nothing; here the server's chain and name are checked");
  }

  void limits() {
    for (const auto& [name, key] : {std::pair{"timeoutidle", "idle_timeout"},
                                    {"timeoutconnect", "connect_timeout"},
                                    {"timeoutclose", "close_timeout"},
                                    {"timeoutbusy", "handshake_timeout"}}) {
      const std::string seconds = value(name);
      if (seconds.empty()) continue;
      const auto read = duration(seconds);
      add(key, toml_string(read ? seconds : read.error().hint));
    }
    const std::string oldest = value("sslversionmin");
    const std::string version = value("sslversion");
    if (oldest == "TLSv1.3" || version == "TLSv1.3") add("min_version", "\"1.3\"");
    if (version == "TLSv1.2" || value("sslversionmax") == "TLSv1.2") add("max_version", "\"1.2\"");
    for (const Option& one : options_)
      for (const std::string_view name :
           {"protocol", "exec", "pty", "transparent", "redirect", "psksecrets", "engineid",
            "ciphers", "ciphersuites", "libwrap", "local", "ocsp", "crlpath", "xforwardedfor"})
        if (one.name == name) drop(one.name);
  }

  void drop(const std::string& name) {
    if (std::find(dropped_.begin(), dropped_.end(), name) == dropped_.end())
      dropped_.push_back(name);
  }

  std::string name_;
  Options options_;
  bool client_ = false;
  std::vector<std::string> dropped_;
  std::string out_;
};

std::string process_table(const Options& global) {
  std::string out;
  for (const auto& [name, key] : {std::pair{"setuid", "user"}, {"setgid", "group"}})
    if (const Option* one = find(global, name))
      out += fmt::format("\n    {} = {}", key, toml_string(one->value));
  return out.empty() ? out : "\n    [process]" + out;
}

}  // namespace

std::optional<Mistake> stunnel_file(std::string_view text, const std::string& file) {
  auto read = read_lines(text);
  if (!read || !is_stunnel(*read)) return std::nullopt;
  // without sections, stunnel serves one service of inetd's
  if (read->sections.empty()) read->sections.push_back({"vnc", {}});
  std::string toml;
  for (const Section& section : read->sections)
    toml += (toml.empty() ? "" : "\n    ") +
            Translation(section.name, read->global, section.options).toml();
  toml += process_table(read->global);
  return Mistake{
      {file, 1, 1},
      "",
      "",
      "this is a configuration of stunnel's, and tunnel reads TOML; its services as TOML:",
      std::move(toml)};
}

}  // namespace tunnel::config
