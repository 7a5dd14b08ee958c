// The files, folders and ports that a configuration needs, and what a reload may not add to them.
#include "server/sandbox_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <system_error>

#include "base/host.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "os/file/private_file.hpp"
#include "os/file/state_folder.hpp"
#include "os/net/syslog_output.hpp"
#include "os/process/capabilities.hpp"

namespace tunnel {

namespace {

namespace fs = std::filesystem;

constexpr auto restart = "restart the tunnel to take it in";

fs::path folder_of(const fs::path& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error).lexically_normal();
  return whole.has_parent_path() ? whole.parent_path() : whole;
}

// Folders that hold much else: of these, only the file itself is allowed.
bool is_shared(const fs::path& folder) {
  static constexpr std::array<std::string_view, 13> shared = {
      "/",    "/home", "/mnt", "/opt",     "/root",  "/run",    "/srv",
      "/tmp", "/usr",  "/var", "/var/tmp", "/media", "/var/lib"};
  const char* home = std::getenv("HOME");
  return std::find(shared.begin(), shared.end(), folder.string()) != shared.end() ||
         (home != nullptr && folder == fs::path(home).lexically_normal());
}

// The file and its folder, since a new version arrives by a rename; likewise for each symbolic link
// on the way to it.
void add_file(std::vector<fs::path>& to, fs::path file) {
  std::error_code error;
  for (int hops = 0; hops < 16; ++hops) {
    file = fs::absolute(file, error).lexically_normal();
    const fs::path folder = folder_of(file);
    to.push_back(is_shared(folder) ? file : folder);
    const fs::path next = fs::read_symlink(file, error);
    if (error) return;
    file = next.is_absolute() ? next : folder / next;
  }
}

void add_file(std::vector<fs::path>& to, const std::optional<config::FileRef>& file) {
  if (file) add_file(to, file->path);
}

// Each may be a folder, with everything in it.
void add_all(std::vector<fs::path>& to, const std::vector<config::FileRef>& files) {
  std::error_code error;
  for (const config::FileRef& file : files) {
    if (fs::is_directory(file.path, error)) to.push_back(fs::absolute(file.path, error));
    add_file(to, file.path);
  }
}

template <typename T>
void sort_out(std::vector<T>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

bool remembers_keys(const config::Config& config) {
  return std::any_of(config.services.begin(), config.services.end(), [](const auto& service) {
    return service.connects_tls() && service.verify == config::Verify::first_use;
  });
}

// The variable lists folders, separated by colons.
void add_variable(std::vector<fs::path>& to, const char* name) {
  const char* value = std::getenv(name);
  std::string_view rest = value != nullptr ? value : "";
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    if (colon > 0) add_file(to, fs::path(rest.substr(0, colon)) / "");
    if (colon > 0) to.emplace_back(rest.substr(0, colon));
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
}

void add_listener(os::Needs& to, const config::SocketAddress& address) {
  if (const config::UnixSocket* local = address.local())
    to.sockets.push_back(folder_of(path_of(local->path)));
  if (const config::HostPort* tcp = address.tcp()) to.bind.push_back(tcp->port);
}

// Whether other machines can reach it, as far as addresses say.
bool is_reachable(const config::Service& service) {
  return std::ranges::any_of(service.accept, [&](const config::SocketAddress& accept) {
    if (accept.local() != nullptr) return false;
    const config::HostPort* tcp = accept.tcp();
    if (tcp == nullptr) return true;
    if (tcp->host.empty()) return service.accepts_tls();
    return !is_loopback_host(tcp->host);
  });
}

// Of the log's daemon on this machine; null if there is none.
const config::UnixSocket* syslog_socket(const config::Config& config) {
  return config.log.syslog ? config.log.syslog->local() : nullptr;
}

os::Needs needs_of(const config::Config& config, const std::string& file) {
  os::Needs out;
  std::error_code error;
  if (fs::is_regular_file(file, error)) add_file(out.read, file);
  for (const config::Service& service : config.services) {
    for (const auto& one : {service.cert, service.key, service.key_password_file, service.crl})
      add_file(out.read, one);
    add_all(out.read, service.ca);
    add_all(out.read, service.client_ca);
    for (const config::SocketAddress& accept : service.accept) add_listener(out, accept);
    for (const config::SocketAddress& target : service.connect) {
      if (const config::HostPort* tcp = target.tcp()) out.connect.push_back(tcp->port);
      if (target.local() != nullptr) out.unix_sockets = true;
    }
  }
  if (config.status) add_listener(out, config.status->listen);
  if (config.status && !config.status->token_file.empty())
    add_file(out.read, config.status->token_file);
  if (!out.sockets.empty()) out.unix_sockets = true;
  if (const config::UnixSocket* daemon = syslog_socket(config)) {
    out.unix_datagrams = true;
    if (os::is_stream_socket(daemon->path)) out.unix_sockets = true;
  }
  if (const char* bundle = std::getenv("SSL_CERT_FILE")) add_file(out.read, fs::path(bundle));
  add_variable(out.read, "SSL_CERT_DIR");
  if (config.log.file) out.append.push_back(folder_of(*config.log.file));
  if (const auto state = os::state_folder();
      state && (remembers_keys(config) || fs::is_directory(*state, error)))
    out.write.push_back(*state);
  out.ports_are_fixed = config.process.sandbox == config::Sandbox::strict;
  sort_out(out.read);
  sort_out(out.write);
  sort_out(out.append);
  sort_out(out.sockets);
  sort_out(out.bind);
  sort_out(out.connect);
  return out;
}

// Whether `folder` is one of them or below one.
bool holds(const std::vector<fs::path>& folders, const fs::path& folder) {
  return std::any_of(folders.begin(), folders.end(), [&](const fs::path& one) {
    return std::mismatch(one.begin(), one.end(), folder.begin(), folder.end()).first == one.end();
  });
}

bool has(const std::vector<std::uint16_t>& ports, std::uint16_t port) {
  return std::find(ports.begin(), ports.end(), port) != ports.end();
}

// An error about the user or group of the configuration.
Error in_process_section(const os::IdentityError& failure) {
  using Code = os::IdentityError::Code;
  const std::string_view key = failure.code == Code::unknown_user    ? "user: "
                               : failure.code == Code::unknown_group ? "group: "
                                                                     : "";
  return {fmt::format("[process] {}{}", key, failure.error.what), failure.error.hint};
}

}  // namespace

Result<Sandbox> Sandbox::plan(const config::Config& config, const std::string& file) {
  Sandbox out;
  out.process_ = config.process;
  auto identity = os::find_identity(config.process.user, config.process.group);
  if (const auto* failure = std::get_if<os::IdentityError>(&identity))
    return in_process_section(*failure);
  out.identity_ = std::move(std::get<os::Identity>(identity));
  out.needs_ = needs_of(config, file);
  out.remembers_ = remembers_keys(config);
  out.is_reachable_ = std::ranges::any_of(config.services, is_reachable);
  return out;
}

Result<std::monostate> Sandbox::enter(Log& log) {
  if (auto became = os::become(identity_); !became)
    return Error{became.error().what, became.error().hint.empty()
                                          ? "start it as root, or remove user and group"
                                          : became.error().hint};
  if (process_.sandbox != config::Sandbox::off && os::runs_as_root()) {
    const bool kept = os::keep_low_ports_only();
    if (is_reachable_)
      warnings_.push_back(fmt::format(
          "running as root{}, and other machines can reach it; set [process] user = \"nobody\", or "
          "start it as another user",
          kept ? " (with no capability but that for ports below 1024)" : ""));
  }
  if (remembers_) {
    const auto state = os::state_folder();
    if (!state) return state.error();
    if (auto made = os::make_folder(*state); !made)
      return Error{made.error().what,
                   "verify = \"first-use\" keeps there what it knows; let XDG_STATE_HOME name a "
                   "folder that this user may write in"};
  }
  os::SandboxLayers entered;
  if (process_.sandbox != config::Sandbox::off) entered = os::enter_sandbox(needs_);
  files_are_confined_ = entered.files;

  // no earlier: the first line may start the log's thread, which would escape the sandbox
  if (!process_.user.empty() || !process_.group.empty())
    log.info("sandbox", fmt::format("runs as user {} and group {} from here on", identity_.uid,
                                    identity_.gid));
  if (process_.sandbox == config::Sandbox::off)
    log.debug("sandbox", "sandbox: off, as the configuration says");
  for (const os::Layer& layer : entered.layers) {
    if (layer.holds)
      log.debug("sandbox", "sandbox: " + one_line(layer.words));
    else
      missing_.push_back(one_line(layer.words));
  }
  return std::monostate{};
}

void Sandbox::report_missing(Log& log) const {
  for (const std::string& words : warnings_) log.warn("sandbox", words);
  for (const std::string& words : missing_) log.info("sandbox", "sandbox: missing: " + words);
}

// --- at a reload

void Sandbox::explain(config::Mistakes& mistakes) const {
  for (config::Mistake& mistake : mistakes) explain(mistake);
}

void Sandbox::explain(config::Mistake& mistake) const {
  if (has_keeper_ || mistake.unreadable.empty()) return;
  if (os::hidden_by_sandbox(mistake.unreadable))
    mistake.suggestion = fmt::format(
        "the sandbox hides it: it shows what the configuration named at the start; {}, and keep it "
        "in "
        "the folder of the configuration or in one of its own",
        restart);
  else if (os::gave_up_root())
    mistake.suggestion = fmt::format(
        "the tunnel gave root up after its start, and is user {} now: let that one read it, or {}",
        identity_.uid, restart);
}

void Sandbox::rule_out(const config::Service& service, config::Mistakes& mistakes) const {
  const std::string scope = fmt::format("service \"{}\"", escaped(service.name));
  for (std::size_t i = 0; !has_keeper_ && i < service.accept.size(); ++i) {
    const config::UnixSocket* local = service.accept[i].local();
    const fs::path folder = local != nullptr ? folder_of(path_of(local->path)) : fs::path();
    if (local != nullptr && files_are_confined_ && !holds(needs_.sockets, folder))
      mistakes.push_back({service.accept_places[i], scope, "accept",
                          fmt::format("the sandbox has no UNIX sockets made in {}", shown(folder)),
                          restart});
    const config::HostPort* tcp = service.accept[i].tcp();
    if (needs_.ports_are_fixed && tcp != nullptr && !has(needs_.bind, tcp->port))
      mistakes.push_back({service.accept_places[i], scope, "accept",
                          fmt::format("port {} was not in the configuration at the start, and "
                                      "sandbox = \"strict\" keeps to those",
                                      tcp->port),
                          restart});
  }
  const auto is_local = [](const config::SocketAddress& to) { return to.local() != nullptr; };
  if (!needs_.unix_sockets && std::ranges::any_of(service.connect, is_local))
    mistakes.push_back({service.place, scope, "connect",
                        "the sandbox has no UNIX sockets, since the configuration had none at the "
                        "start",
                        restart});
  for (const config::SocketAddress& target : service.connect)
    if (const config::HostPort* tcp = target.tcp();
        needs_.ports_are_fixed && tcp != nullptr && !has(needs_.connect, tcp->port))
      mistakes.push_back({service.place, scope, "connect",
                          fmt::format("port {} was not in the configuration at the start, "
                                      "and sandbox = \"strict\" keeps to those",
                                      tcp->port),
                          restart});
}

config::Mistakes Sandbox::ruled_out(const config::Config& config) const {
  config::Mistakes mistakes;
  if (process_.sandbox == config::Sandbox::off) return mistakes;
  for (const config::Service& service : config.services) rule_out(service, mistakes);
  // the keys of other sections have kept no line of their own
  const config::Place& place = config.services.front().place;
  if (const config::HostPort* tcp = config.status ? config.status->listen.tcp() : nullptr;
      !has_keeper_ && tcp != nullptr && needs_.ports_are_fixed && !has(needs_.bind, tcp->port))
    mistakes.push_back({place, "status", "listen",
                        fmt::format("port {} was not in the configuration at the start, and "
                                    "sandbox = \"strict\" keeps to those",
                                    tcp->port),
                        restart});
  if (syslog_socket(config) != nullptr && !needs_.unix_sockets && !needs_.unix_datagrams)
    mistakes.push_back({place, "log", "syslog",
                        "the sandbox has no UNIX sockets, since the configuration had none at the "
                        "start",
                        restart});
  if (!files_are_confined_) return mistakes;
  if (remembers_keys(config) && !remembers_) {
    if (const auto state = os::state_folder(); state && !holds(needs_.write, *state))
      mistakes.push_back(
          {place, "", "",
           fmt::format("verify = \"first-use\": the sandbox has nothing written in {}",
                       one_line(state->string())),
           restart});
  }
  const config::UnixSocket* status = config.status ? config.status->listen.local() : nullptr;
  if (const fs::path folder = status != nullptr ? folder_of(path_of(status->path)) : fs::path();
      !has_keeper_ && status != nullptr && !holds(needs_.sockets, folder))
    mistakes.push_back({place, "status", "listen",
                        fmt::format("the sandbox has no UNIX sockets made in {}", shown(folder)),
                        restart});
  if (config.log.file && !holds(needs_.append, folder_of(*config.log.file)))
    mistakes.push_back(
        {place, "log", "file",
         fmt::format("the sandbox has nothing written in {}", shown(folder_of(*config.log.file))),
         restart});
  return mistakes;
}

}  // namespace tunnel
