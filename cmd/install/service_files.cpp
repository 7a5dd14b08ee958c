// Units and property lists as text.
#include "cmd/install/service_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"
#include "built/unit_template.hpp"

namespace tunnel::cmd {

namespace {

constexpr std::string_view mark = "written by tunnel install";

// One word of ExecStart=, by systemd.service(5).
std::string unit_word(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '%' || c == '$') out += c;
    out += c;
  }
  return out + "\"";
}

// A path in a list of paths, by systemd.exec(5).
std::string unit_path(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '%') out += c;
    out += c;
  }
  return out + "\"";
}

std::string without_specifiers(std::string_view text) {
  std::string out;
  for (const char c : text) out.append(c == '%' ? 2 : 1, c);
  return out;
}

// What a user's own manager cannot give: it has no rights that it could take away, and mounts
// nothing.
bool is_for_the_system(std::string_view key) {
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

// The line of the template for this installation; empty where it has none.
std::string line_for(const Installation& installation, std::string_view line) {
  const std::string_view key = line.substr(0, line.find('='));
  const auto is = [&](std::string_view name) { return key == name && key.size() < line.size(); };
  if (installation.for_user && is_for_the_system(key)) return {};
  if (is("Description")) return "Description=TLS tunnel " + without_specifiers(installation.name);
  if (is("ExecStart"))
    return fmt::format("ExecStart={} --config {}", unit_word(installation.program),
                       unit_word(installation.config));
  if (is("User")) return "User=" + installation.account;
  if (is("Group")) return {};  // the account's own
  if (is("WantedBy") && installation.for_user) return "WantedBy=default.target";
  if (is("ProtectHome") && (is_at_home(installation.config) || is_at_home(installation.program)))
    return "ProtectHome=read-only";
  std::string out(line);
  if (is("ProtectSystem"))
    for (const std::string& folder : installation.writes)
      out += "\nReadWritePaths=-" + unit_path(folder);
  return out;
}

}  // namespace

bool is_ours(const std::string& content) {
  return content.substr(0, 300).find(mark) != std::string::npos;
}

std::string systemd_unit(const Installation& installation) {
  std::string out =
      fmt::format("# {} for {}; tunnel uninstall removes it\n", mark, installation.config);
  std::string_view rest = unit_template;
  bool begun = false;  // behind what is said of the template itself
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
    if (const std::string ready = line_for(installation, line); !ready.empty()) out += ready + "\n";
  }
  return out;
}

std::string launchd_label(const Installation& installation) {
  return "tunnel." + installation.name;
}

std::string launchd_plist(const Installation& installation, const std::string& log) {
  return fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- {0} for {1}; tunnel uninstall removes it -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>{2}</string>
  <key>ProgramArguments</key>
  <array>
    <string>{3}</string>
    <string>--config</string>
    <string>{4}</string>
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>60</integer>
  <key>ProcessType</key>
  <string>Interactive</string>
  <key>Umask</key>
  <integer>63</integer>
{5}  <key>StandardErrorPath</key>
  <string>{6}</string>
</dict>
</plist>
)",
      mark,
      [&] {
        // a comment ends at two dashes
        std::string path = in_markup(installation.config);
        for (auto at = path.find("--"); at != path.npos; at = path.find("--"))
          path.replace(at, 2, "- -");
        return path;
      }(),
      in_markup(launchd_label(installation)), in_markup(installation.program),
      in_markup(installation.config),
      installation.account.empty() ? std::string()
                                   : fmt::format("  <key>UserName</key>\n  <string>{}</string>\n",
                                                 in_markup(installation.account)),
      in_markup(log));
}

os::ServiceEntry windows_service(const Installation& installation) {
  return {"tunnel-" + installation.name,
          "TLS tunnel " + installation.name,
          {installation.program, "--config", installation.config},
          installation.account,
          fmt::format("{} for {}; tunnel uninstall removes it", mark, installation.config)};
}

}  // namespace tunnel::cmd
