// The unit of a service, its folder, and systemctl's commands.
#include "cmd/install/systemd.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "base/path.hpp"
#include "built/unit_template.hpp"
#include "cmd/cli/environment_variables.hpp"

namespace tunnel::cmd {

namespace {

namespace fs = std::filesystem;

// In double quotes, as systemd.syntax(7) has it. The characters in `doubled` would start a
// specifier or a variable.
std::string quoted(std::string_view text, std::string_view doubled) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (doubled.find(c) != doubled.npos) out += c;
    out += c;
  }
  return out + "\"";
}

// A word of ExecStart=, which expands both.
std::string command_word(std::string_view text) { return quoted(text, "%$"); }

// A path in a list of paths.
std::string path_word(std::string_view text) { return quoted(text, "%"); }

std::string without_specifiers(std::string_view text) {
  std::string out;
  for (const char c : text) out.append(c == '%' ? 2 : 1, c);
  return out;
}

// Settings that need root, which a user's manager refuses or ignores.
bool is_system_only(std::string_view key) {
  static constexpr std::array<std::string_view, 19> keys = {"Wants",
                                                            "After",
                                                            "User",
                                                            "Group",
                                                            "StateDirectory",
                                                            "RuntimeDirectory",
                                                            "RuntimeDirectoryPreserve",
                                                            "LogsDirectory",
                                                            "Environment",
                                                            "AmbientCapabilities",
                                                            "CapabilityBoundingSet",
                                                            "PrivateTmp",
                                                            "PrivateDevices",
                                                            "DevicePolicy",
                                                            "ProtectProc",
                                                            "ProcSubset",
                                                            "RemoveIPC",
                                                            "ProtectClock",
                                                            "ProtectHostname"};
  return std::find(keys.begin(), keys.end(), key) != keys.end() ||
         key.starts_with("ProtectKernel") || key == "ProtectSystem" || key == "ProtectHome" ||
         key == "ProtectControlGroups";
}

bool is_at_home(std::string_view path) {
  return path.starts_with("/home/") || path.starts_with("/root/") || path.starts_with("/run/user/");
}

bool needs_home(const Installation& service) {
  return is_at_home(service.config) || is_at_home(service.program) ||
         std::any_of(service.reads.begin(), service.reads.end(), is_at_home);
}

// The template's line for this service; empty to leave it out.
std::string line_for(const Installation& service, std::string_view line) {
  const std::string_view key = line.substr(0, line.find('='));
  const auto is = [&](std::string_view name) { return key == name && key.size() < line.size(); };
  if (service.for_user && is_system_only(key)) return {};
  if (is("Description")) return "Description=TLS tunnel " + without_specifiers(service.name);
  if (is("ExecStart"))
    return fmt::format("ExecStart={} --config {}", command_word(service.program),
                       command_word(service.config));
  if (is("User")) return "User=" + service.account;
  if (is("Group")) return {};  // the account's own group
  if (is("WantedBy") && service.for_user) return "WantedBy=default.target";
  if (is("ProtectHome") && needs_home(service)) return "ProtectHome=read-only";
  std::string out(line);
  if (is("ProtectSystem"))
    for (const std::string& folder : service.writes)
      out += "\nReadWritePaths=-" + path_word(folder);
  return out;
}

// As `systemctl enable` would create it.
fs::path link_of(const Installation& service, const fs::path& file) {
  return file.parent_path() /
         (service.for_user ? "default.target.wants" : "multi-user.target.wants") / file.filename();
}

std::string_view user_option(const Installation& service) {
  return service.for_user ? " --user" : "";
}

}  // namespace

std::string Systemd::content(const Installation& service) const {
  std::string out =
      fmt::format("# {} for {}; tunnel uninstall removes it\n", installed_mark, service.config);
  std::string_view rest = unit_template;
  bool begun = false;  // past the comment about the template itself
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    begun = begun || line.starts_with('[');
    if (!begun || line.starts_with('#')) continue;
    if (line.empty()) {
      if (!out.ends_with("\n\n")) out += '\n';
      continue;
    }
    if (const std::string ready = line_for(service, line); !ready.empty()) out += ready + "\n";
  }
  return out;
}

Result<fs::path> Systemd::path(const Installation& service) const {
  const std::string file = fmt::format("tunnel-{}.service", service.name);
  if (!service.for_user) return path_of(service.root + "/etc/systemd/system") / file;
  const auto config = environment_variable("XDG_CONFIG_HOME");
  if (config && config->starts_with('/'))
    return path_of(service.root + *config) / "systemd/user" / file;
  if (home_folder().empty()) return Error{"there is no home folder to install it in", "set HOME"};
  return path_of(service.root + home_folder()) / ".config/systemd/user" / file;
}

Result<std::monostate> Systemd::enable(const Installation& service, const fs::path& file) const {
  const fs::path link = link_of(service, file);
  std::error_code error;
  fs::create_directories(link.parent_path(), error);
  fs::remove(link, error);
  fs::create_symlink(fs::path("..") / file.filename(), link, error);
  if (error)
    return Error{fmt::format("{} cannot be written: {}", shown(link), error.message()), ""};
  return std::monostate{};
}

std::error_code Systemd::disable(const Installation& service, const fs::path& file) const {
  std::error_code error;
  fs::remove(link_of(service, file), error);
  return error;
}

std::string Systemd::how_to_start(const Installation& service, const fs::path&) const {
  return fmt::format(
      "start it:  systemctl{0} daemon-reload && systemctl{0} start tunnel-{1}\n"
      "its log:   journalctl{0} --unit tunnel-{1}\n{2}",
      user_option(service), service.name,
      service.for_user ? "to have it run while you are logged out:  loginctl enable-linger\n" : "");
}

std::string Systemd::how_to_stop(const Installation& service) const {
  return fmt::format("stop it:  systemctl{0} stop tunnel-{1} && systemctl{0} daemon-reload\n",
                     user_option(service), service.name);
}

}  // namespace tunnel::cmd
