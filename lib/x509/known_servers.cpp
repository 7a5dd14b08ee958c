// Reading and adding to the file of known servers.
#include "x509/known_servers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/file.hpp"
#include "base/host.hpp"
#include "base/path.hpp"
#include "base/pin_text.hpp"
#include "base/text.hpp"
#include "os/file/private_file.hpp"
#include "os/file/state_folder.hpp"

namespace tunnel::x509 {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_file = 1 << 20;
constexpr std::chrono::seconds patience{5};

// "host:port", as it was dialled.
bool is_address_of_server(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return false;
  std::string_view host = text.substr(0, colon);
  unsigned port = 0;
  const auto [end, error] =
      std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535)
    return false;
  if (host.starts_with('[') && host.ends_with(']')) return is_ipv6(host.substr(1, host.size() - 2));
  if (host.ends_with('.')) host.remove_suffix(1);
  return is_host_name(host);
}

// That, and " name" where another name was asked for.
bool is_target(std::string_view text) {
  const auto space = text.find(' ');
  if (!is_address_of_server(text.substr(0, space))) return false;
  if (space == text.npos) return true;
  std::string_view name = text.substr(space + 1);
  if (name.ends_with('.')) name.remove_suffix(1);
  return is_address(name) || is_host_name(name);
}

// The file's content; empty where it does not exist.
Result<std::string> read(const fs::path& path) {
  const auto cannot = [&](std::string_view why) {
    return Error{fmt::format("{} {}", shown(path), why),
                 "the keys of known servers are kept there"};
  };
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return std::string();
  if (error || status.type() != fs::file_type::regular) return cannot("is no file");
  if (fs::file_size(path, error) > longest_file && !error)
    return cannot("is longer than a megabyte");
  auto text = read_file(path, longest_file);
  if (!text) return cannot("cannot be read");
  return std::move(*text);
}

std::optional<KnownServer> find_in(const std::vector<KnownServer>& servers,
                                   std::string_view target) {
  const std::string wanted = lower_case(target);
  for (const KnownServer& server : servers)
    if (server.target == wanted) return server;
  return std::nullopt;
}

}  // namespace

Result<std::vector<KnownServer>> parse_known_servers(std::string_view text,
                                                     const std::string& file) {
  std::vector<KnownServer> out;
  std::map<std::string, std::size_t, std::less<>> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const auto damaged = [&](const std::string& why) {
      return Error{fmt::format("{}:{}: {}", one_line(file), number, why),
                   "mend the line, or remove it: its server is then met for the first time again"};
    };
    const std::size_t space = line.rfind(' ');
    const std::string_view target = line.substr(0, space);
    if (space == line.npos || !is_target(target))
      return damaged(fmt::format("\"{}\" is not a host:port and its pin, with a space between",
                                 escaped(line)));
    auto pin = parse_pin(line.substr(space + 1));
    if (!pin) return damaged(pin.error().what);
    KnownServer server{lower_case(target), std::move(*pin), number};
    const auto [first, added] = lines.emplace(server.target, number);
    if (!added)
      return damaged(
          fmt::format("{} is in line {} already", escaped(server.target, 300), first->second));
    out.push_back(std::move(server));
  }
  return out;
}

Result<std::shared_ptr<const KnownServers>> KnownServers::of_this_user() {
  const auto folder = os::state_folder();
  if (!folder) return folder.error();
  auto servers = std::make_shared<const KnownServers>(*folder / "known_servers");
  if (auto good = servers->find(""); !good) return good.error();
  if (auto writable = os::can_create_in(*folder); !writable)
    return Error{
        writable.error().what,
        "without it every use would be a first one: make it writable, or pin the server's key"};
  return servers;
}

Result<std::optional<KnownServer>> KnownServers::find(std::string_view target) const {
  const auto text = read(file_);
  if (!text) return text.error();
  const auto servers = parse_known_servers(*text, text_of(file_));
  if (!servers) return servers.error();
  return find_in(*servers, target);
}

Result<bool> KnownServers::remember(std::string_view target, const std::string& pin) const {
  const auto there = add(target, pin);
  if (!there)
    return Error{fmt::format("the key of {} could not be remembered: {}", escaped(target, 300),
                             there.error().what),
                 there.error().hint.empty()
                     ? "a server whose key cannot be remembered is not trusted"
                     : there.error().hint};
  // another connection, or another program, may have been first
  if (*there && (*there)->pin != pin) return changed(**there, pin);
  return !there->has_value();
}

Result<std::optional<KnownServer>> KnownServers::add(std::string_view target,
                                                     const std::string& pin) const {
  if (!is_target(target) || !parse_pin(pin)) return Error{"it is no host:port, or no pin", ""};
  if (auto made = os::make_folder(file_.parent_path()); !made) return made.error();
  fs::path lock_file = file_;
  lock_file += ".lock";
  const auto lock = os::FileLock::acquire(lock_file, patience);
  if (!lock) return lock.error();

  auto text = read(file_);
  if (!text) return text.error();
  const auto servers = parse_known_servers(*text, text_of(file_));
  if (!servers) return servers.error();
  if (auto known = find_in(*servers, target)) return known;
  if (!text->empty() && !text->ends_with('\n')) *text += '\n';
  *text += fmt::format("{} {}\n", lower_case(target), pin);
  if (auto written = os::replace_file(file_, *text); !written) return written.error();
  return std::optional<KnownServer>();
}

Error KnownServers::changed(const KnownServer& known, const std::string& pin) const {
  return {fmt::format("the key of {} has changed: it was {} at the first use, and is {} now",
                      known.target, known.pin, pin),
          fmt::format("somebody may be in between; if its owner says that the key is new, remove "
                      "line {} of {}",
                      known.line, shown(file_))};
}

}  // namespace tunnel::x509
