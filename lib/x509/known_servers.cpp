// Reading and adding to the file of known servers.
#include "x509/known_servers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>

#include "base/path.hpp"
#include "base/text.hpp"
#include "config/pin_text.hpp"
#include "config/values.hpp"
#include "os/file/private_file.hpp"
#include "os/file/state_folder.hpp"

namespace tunnel::x509 {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_file = 1 << 20;
constexpr std::chrono::seconds patience{5};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_target(std::string_view text) {
  const auto space = text.find(' ');
  if (!config::host_port(text.substr(0, space), false)) return false;
  if (space == text.npos) return true;
  const std::string_view name = text.substr(space + 1);
  return config::is_address(name) || config::host_port(std::string(name) + ":1", false).has_value();
}

// The file's content; empty where it does not exist.
Result<std::string> read(const fs::path& path) {
  const auto cannot = [&](std::string_view why) {
    return Error{fmt::format("{} {}", shown(path), why),
                 "verify = \"first-use\" keeps there what it knows"};
  };
  std::error_code error;
  const auto status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) return std::string();
  if (error || status.type() != fs::file_type::regular) return cannot("is no file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return cannot("cannot be read");
  std::string text;
  std::array<char, 4096> block;
  while ((file.read(block.data(), block.size()) || file.gcount() > 0) &&
         text.size() <= longest_file)
    text.append(block.data(), static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return cannot("cannot be read to its end");
  if (text.size() > longest_file) return cannot("is longer than a megabyte");
  return text;
}

std::optional<KnownServer> find_in(const std::vector<KnownServer>& servers,
                                   std::string_view target) {
  const std::string wanted = lower(target);
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
    auto pin = config::pin(line.substr(space + 1));
    if (!pin) return damaged(pin.error().what);
    KnownServer server{lower(target), std::move(*pin), number};
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
    return Error{writable.error().what,
                 "without it every use would be a first one: make it writable, or use pin"};
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
                     ? "verify = \"first-use\" trusts nobody whom it cannot remember"
                     : there.error().hint};
  // another connection, or another program, may have been first
  if (*there && (*there)->pin != pin) return changed(**there, pin);
  return !there->has_value();
}

Result<std::optional<KnownServer>> KnownServers::add(std::string_view target,
                                                     const std::string& pin) const {
  if (!is_target(target) || !config::pin(pin)) return Error{"it is no host:port, or no pin", ""};
  if (auto made = os::make_folder(file_.parent_path()); !made) return made.error();
  fs::path lock_file = file_;
  lock_file += ".lock";
  const auto lock = os::FileLock::take(lock_file, patience);
  if (!lock) return lock.error();

  auto text = read(file_);
  if (!text) return text.error();
  const auto servers = parse_known_servers(*text, text_of(file_));
  if (!servers) return servers.error();
  if (auto known = find_in(*servers, target)) return known;
  if (!text->empty() && !text->ends_with('\n')) *text += '\n';
  *text += fmt::format("{} {}\n", lower(target), pin);
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
