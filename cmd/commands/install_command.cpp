// `tunnel install` and `tunnel uninstall`: a configuration becomes a service of this machine, or of
// one user, and is one no more.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "base/path.hpp"
#include "base/text.hpp"
#include "cmd/cli/environment.hpp"
#include "cmd/cli/exit_status.hpp"
#include "cmd/commands/subcommands.hpp"
#include "cmd/install/service_files.hpp"
#include "config/load.hpp"
#include "os/process/identity.hpp"
#include "os/process/process.hpp"

namespace tunnel::cmd {

namespace {

namespace fs = std::filesystem;

enum class Kind { systemd, launchd, windows };

struct Wish {
  std::string config;
  std::string name;
  std::string account;  // empty: the usual one
  std::string manager = os::service_manager_name;
  bool for_user = false;
  bool print = false;
  std::string root;
};

ExitStatus fail(std::string_view command, const Error& error, ExitStatus status) {
  print(stderr, fmt::format("tunnel {}: {}\n", command, error.what));
  if (!error.hint.empty()) print(stderr, fmt::format("    {}\n", error.hint));
  return status;
}

Kind kind_of(const Wish& wish) {
  return wish.manager == "systemd"   ? Kind::systemd
         : wish.manager == "launchd" ? Kind::launchd
                                     : Kind::windows;
}

// Where there are no files.
std::optional<Error> what_windows_lacks(const Wish& wish) {
  if (kind_of(wish) != Kind::windows) return std::nullopt;
  if (wish.for_user)
    return Error{"a service of Windows is the system's, not a user's",
                 "leave --user away, and run it as an administrator"};
  if (!wish.root.empty() || wish.print)
    return Error{"a service of Windows is no file: there is nothing to print or to put elsewhere",
                 "leave --print and --root away"};
  return std::nullopt;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '-' && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' ||
                  c == '.';
         });
}

std::string home() { return environment_variable("HOME").value_or(""); }

// Where the service's file belongs.
Result<fs::path> file_of(const Wish& wish, const Installation& installation) {
  const bool systemd = kind_of(wish) == Kind::systemd;
  const std::string file = systemd ? fmt::format("tunnel-{}.service", installation.name)
                                   : launchd_label(installation) + ".plist";
  if (!wish.for_user)
    return path_of(wish.root + (systemd ? "/etc/systemd/system" : "/Library/LaunchDaemons")) / file;
  const auto config = environment_variable("XDG_CONFIG_HOME");
  if (systemd && config && config->starts_with('/'))
    return path_of(wish.root + *config) / "systemd/user" / file;
  if (home().empty()) return Error{"there is no home folder to install it in", "set HOME"};
  return path_of(wish.root + home()) / (systemd ? ".config/systemd/user" : "Library/LaunchAgents") /
         file;
}

// The link by which systemd starts it by itself.
fs::path link_of(const Wish& wish, const fs::path& file) {
  return file.parent_path() / (wish.for_user ? "default.target.wants" : "multi-user.target.wants") /
         file.filename();
}

std::optional<std::string> content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string whole_path(const fs::path& path) {
  std::error_code error;
  const fs::path whole = fs::canonical(path, error);
  return text_of(error ? fs::absolute(path).lexically_normal() : whole);
}

// As it will be called where `root` is "/".
std::string below(const std::string& root, const std::string& path) {
  if (root.empty()) return path;
  const std::string folder = whole_path(path_of(root));
  return path.starts_with(folder + "/") ? path.substr(folder.size()) : path;
}

// Control characters would end a line of the unit.
bool is_plain(const std::string& path) {
  return std::none_of(path.begin(), path.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

void add_folders(const config::Config& config, std::vector<std::string>& to) {
  const auto add = [&](const fs::path& file) {
    std::string folder = text_of(path_of(whole_path(file)).parent_path());
    if (std::find(to.begin(), to.end(), folder) == to.end()) to.push_back(std::move(folder));
  };
  if (config.log.file) add(*config.log.file);
  if (config.status && !config.status->path.empty()) add(config.status->path);
  for (const config::Service& service : config.services)
    for (const config::HostPort& accept : service.accept)
      if (!accept.path.empty()) add(path_of(accept.path));
}

std::string how_to_start(const Wish& wish, const Installation& installation, const fs::path& file) {
  const std::string user = wish.for_user ? " --user" : "";
  if (kind_of(wish) == Kind::launchd)
    return wish.for_user
               ? fmt::format("start it:  launchctl bootstrap gui/$(id -u) {}\n", text_of(file))
               : fmt::format("start it:  sudo launchctl bootstrap system {}\n", text_of(file));
  return fmt::format(
      "start it:  systemctl{0} daemon-reload && systemctl{0} start tunnel-{1}\n"
      "its log:   journalctl{0} --unit tunnel-{1}\n{2}",
      user, installation.name,
      wish.for_user ? "to have it run while you are logged out:  loginctl enable-linger\n" : "");
}

Result<std::monostate> write(const fs::path& file, const std::string& content) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  fs::path fresh = file;
  fresh += ".new";
  bool good = false;
  if (!error) {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << content;
    out.close();
    good = static_cast<bool>(out);
  }
  if (good) fs::rename(fresh, file, error);
  if (good && !error) return std::monostate{};
  std::error_code ignored;
  fs::remove(fresh, ignored);
  return Error{fmt::format("{} cannot be written", shown(file)),
               "run it as root, or install it for this user alone: --user"};
}

std::string usual_account(const Wish& wish) {
  return kind_of(wish) == Kind::windows ? "NT AUTHORITY\\LocalService" : "tunnel";
}

ExitStatus install_in_windows(const Installation& installation, bool has_log_file) {
  const os::ServiceEntry entry = windows_service(installation);
  if (const auto added = os::add_service(entry, is_ours); !added)
    return fail("install", added.error(), ExitStatus::failed);
  print(stdout,
        fmt::format("service {0}, run as {1}, which must be able to read {2} and what it "
                    "names\nstart it:   sc start {0}\nreload it:  sc control {0} paramchange\n",
                    entry.name, entry.account, installation.config));
  if (!has_log_file)
    print(stdout,
          "a service has no terminal: without [log] file = \"...\" nobody sees what it says\n");
  return ExitStatus::ok;
}

ExitStatus install(const Wish& wish) {
  const auto complain = [](const Error& error, ExitStatus status) {
    return fail("install", error, status);
  };
  if (const auto lack = what_windows_lacks(wish)) return complain(*lack, ExitStatus::usage);
  const config::Validated validated = config::load(wish.config, {}, environment_variable);
  if (!validated.mistakes.empty()) return fail_all(validated.mistakes);
  Installation installation;
  installation.name = wish.name.empty() ? text_of(path_of(wish.config).stem()) : wish.name;
  installation.for_user = wish.for_user;
  installation.program = below(wish.root, text_of(os::program_path()));
  installation.config = below(wish.root, whole_path(path_of(wish.config)));
  if (!wish.for_user)
    installation.account = !wish.account.empty() ? wish.account : usual_account(wish);
  add_folders(validated.config, installation.writes);
  for (std::string& folder : installation.writes) folder = below(wish.root, folder);
  const bool windows = kind_of(wish) == Kind::windows;  // whose accounts have blanks and more
  const bool good_account = wish.for_user || windows || is_name(installation.account);
  if (!is_name(installation.name) || !good_account)
    return complain({fmt::format("\"{}\" is no name for a service or an account: letters, digits, "
                                 "\"-\", \"_\" and \".\" only, at most 64",
                                 escaped(good_account ? installation.name : installation.account)),
                     "name it: --name relay"},
                    ExitStatus::usage);
  if (installation.program.empty() || !is_plain(installation.config + installation.program))
    return complain({"the path of the program or of the configuration is none for a service", ""},
                    ExitStatus::failed);
  if (windows) return install_in_windows(installation, validated.config.log.file.has_value());
  if (!wish.for_user && !wish.print && wish.root.empty())
    if (const auto account = os::find_identity(installation.account, ""); !account)
      return complain({account.error().what.substr(account.error().what.find("there is")),
                       account.error().hint + ", or name one: --as NAME"},
                      ExitStatus::failed);
  const auto file = file_of(wish, installation);
  if (!file) return complain(file.error(), ExitStatus::failed);
  const std::string log = wish.for_user
                              ? home() + "/Library/Logs/" + launchd_label(installation) + ".log"
                              : "/Library/Logs/" + launchd_label(installation) + ".log";
  const std::string content = kind_of(wish) == Kind::systemd ? systemd_unit(installation)
                                                             : launchd_plist(installation, log);
  if (wish.print) {
    print(stdout, content);
    return ExitStatus::ok;
  }
  if (const auto there = content_of(*file); there && !is_ours(*there))
    return complain(
        {fmt::format("{} is there already, and not of this command's making", shown(*file)),
         "remove it, or choose another name: --name"},
        ExitStatus::failed);
  if (auto written = write(*file, content); !written)
    return complain(written.error(), ExitStatus::failed);
  if (kind_of(wish) == Kind::systemd) {
    const fs::path link = link_of(wish, *file);
    std::error_code error;
    fs::create_directories(link.parent_path(), error);
    fs::remove(link, error);
    fs::create_symlink(fs::path("..") / file->filename(), link, error);
    if (error)
      return complain({fmt::format("{} cannot be written: {}", shown(link), error.message()), ""},
                      ExitStatus::failed);
  }
  print(stdout, fmt::format("{}\n{}", text_of(*file), how_to_start(wish, installation, *file)));
  return ExitStatus::ok;
}

ExitStatus uninstall(const Wish& wish) {
  if (const auto lack = what_windows_lacks(wish))
    return fail("uninstall", *lack, ExitStatus::usage);
  Installation installation;
  installation.name = wish.name;
  if (!is_name(wish.name))
    return fail("uninstall",
                {fmt::format("\"{}\" is no name of a service", escaped(wish.name)),
                 "tunnel uninstall NAME"},
                ExitStatus::usage);
  if (kind_of(wish) == Kind::windows) {
    const std::string name = windows_service(installation).name;
    if (const auto removed = os::remove_service(name, is_ours); !removed)
      return fail("uninstall", removed.error(), ExitStatus::failed);
    print(stdout, fmt::format("removed the service {}\n", name));
    return ExitStatus::ok;
  }
  const auto file = file_of(wish, installation);
  if (!file) return fail("uninstall", file.error(), ExitStatus::failed);
  const auto there = content_of(*file);
  if (!there)
    return fail("uninstall",
                {fmt::format("there is no {}", shown(*file)),
                 wish.for_user ? "without --user it is looked for among the system's"
                               : "with --user it is looked for among this user's"},
                ExitStatus::failed);
  if (!is_ours(*there))
    return fail(
        "uninstall",
        {fmt::format("{} is not of tunnel install's making", shown(*file)), "remove it by hand"},
        ExitStatus::failed);
  std::error_code error;
  if (kind_of(wish) == Kind::systemd) fs::remove(link_of(wish, *file), error);
  if (!error) fs::remove(*file, error);
  if (error)
    return fail(
        "uninstall",
        {fmt::format("{} cannot be removed: {}", shown(*file), error.message()), "run it as root"},
        ExitStatus::failed);
  const std::string user = wish.for_user ? " --user" : "";
  print(stdout,
        kind_of(wish) == Kind::systemd
            ? fmt::format("removed {0}\nstop it:  systemctl{1} stop tunnel-{2} && systemctl{1} "
                          "daemon-reload\n",
                          file->string(), user, wish.name)
            : fmt::format("removed {}\nstop it:  launchctl bootout {}/{}\n", file->string(),
                          wish.for_user ? "gui/$(id -u)" : "system", launchd_label(installation)));
  return ExitStatus::ok;
}

void add_common(CLI::App& command, Wish& wish) {
  command.add_flag("--user", wish.for_user, "For this user, rather than for the whole system");
  command
      .add_option("--root", wish.root, "Below this folder rather than /, for an image or a package")
      ->type_name("DIR");
  command.add_option("--manager", wish.manager, "systemd or launchd; this system's by default")
      ->type_name("NAME")
      ->check(CLI::IsMember({"systemd", "launchd"}));
}

}  // namespace

void add_install(CLI::App& app, Command& chosen) {
  auto* command =
      app.add_subcommand("install", "Install a configuration as a service; uninstall removes it");
  command->footer(
      "Examples:\n  sudo tunnel install --config /etc/tunnel/relay.toml\n"
      "  tunnel install --user --config vnc.toml\n"
      "  tunnel install --print --config relay.toml");
  const auto wish = std::make_shared<Wish>();
  command->add_option("--config", wish->config, "What the service runs")
      ->type_name("FILE")
      ->required();
  command->add_option("--name", wish->name, "Of the service; FILE's without its ending by default")
      ->type_name("NAME");
  command
      ->add_option("--as", wish->account,
                   "User to run the service as; default tunnel, on Windows LocalService")
      ->type_name("ACCOUNT");
  command->add_flag("--print", wish->print, "Show the file, and write nothing");
  add_common(*command, *wish);
  command->callback([wish, &chosen] { chosen = [wish] { return install(*wish); }; });
}

void add_uninstall(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand("uninstall", "Remove what install has made")->group("");
  const auto wish = std::make_shared<Wish>();
  command->add_option("NAME", wish->name, "Of the service")->required();
  add_common(*command, *wish);
  command->callback([wish, &chosen] { chosen = [wish] { return uninstall(*wish); }; });
}

}  // namespace tunnel::cmd
