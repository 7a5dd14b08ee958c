// The property list of a service, its folder, and launchctl's commands.
#include "cmd/install/launchd.hpp"

#include <fmt/format.h>

#include "base/path.hpp"
#include "base/text.hpp"

namespace tunnel::cmd {

namespace {

std::string label_of(const Installation& service) { return "tunnel." + service.name; }

// A comment in XML ends at two dashes.
std::string in_comment(std::string_view text) {
  std::string out = in_markup(text);
  for (auto at = out.find("--"); at != out.npos; at = out.find("--")) out.replace(at, 2, "- -");
  return out;
}

}  // namespace

Result<std::filesystem::path> Launchd::path(const Installation& service) const {
  const std::string file = label_of(service) + ".plist";
  if (!service.for_user) return path_of(service.root + "/Library/LaunchDaemons") / file;
  if (home_folder().empty()) return Error{"there is no home folder to install it in", "set HOME"};
  return path_of(service.root + home_folder()) / "Library/LaunchAgents" / file;
}

std::string Launchd::content(const Installation& service) const {
  const std::string log =
      (service.for_user ? home_folder() : "") + "/Library/Logs/" + label_of(service) + ".log";
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
      installed_mark, in_comment(service.config), in_markup(label_of(service)),
      in_markup(service.program), in_markup(service.config),
      service.account.empty() ? std::string()
                              : fmt::format("  <key>UserName</key>\n  <string>{}</string>\n",
                                            in_markup(service.account)),
      in_markup(log));
}

std::string Launchd::how_to_start(const Installation& service,
                                  const std::filesystem::path& file) const {
  return fmt::format(
      "start it:  {} {}\n",
      service.for_user ? "launchctl bootstrap gui/$(id -u)" : "sudo launchctl bootstrap system",
      text_of(file));
}

std::string Launchd::how_to_stop(const Installation& service) const {
  return fmt::format("stop it:  launchctl bootout {}/{}\n",
                     service.for_user ? "gui/$(id -u)" : "system", label_of(service));
}

}  // namespace tunnel::cmd
