// `tunnel install` and `tunnel uninstall`: run a configuration as a service of this machine or
// user.
#include "cmd/commands/install_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/path.hpp"
#include "base/text.hpp"
#include "cmd/cli/environment_variables.hpp"
#include "cmd/cli/exit_status.hpp"
#include "cmd/install/service_installer.hpp"
#include "config/load.hpp"

namespace tunnel::cmd {

namespace {

namespace fs = std::filesystem;

struct InstallOptions {
  std::string config;
  std::string name;
  std::string account;  // empty: the default
  std::string manager = os::service_manager_name;
  bool for_user = false;
  bool print = false;
  std::string root;
};

std::string absolute_path(const fs::path& path) {
  std::error_code error;
  const fs::path whole = fs::canonical(path, error);
  return text_of(error ? fs::absolute(path).lexically_normal() : whole);
}

// The path as it will be once `root` is "/".
std::string inside(const std::string& root, const std::string& path) {
  if (root.empty()) return path;
  const std::string folder = absolute_path(path_of(root));
  return path.starts_with(folder + "/") ? path.substr(folder.size()) : path;
}

// A control character would end a line of the unit.
bool has_control_characters(const std::string& path) {
  return std::any_of(path.begin(), path.end(),
                     [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

// Absolute paths, each once.
class Paths {
 public:
  void add(const fs::path& path) {
    std::string text = absolute_path(path);
    if (std::find(all_.begin(), all_.end(), text) == all_.end()) all_.push_back(std::move(text));
  }
  void add(const std::optional<config::FileRef>& file) {
    if (file) add(file->path);
  }
  void add(const std::vector<config::FileRef>& files) {
    for (const config::FileRef& file : files) add(file.path);
  }
  std::vector<std::string> all() const { return all_; }

 private:
  std::vector<std::string> all_;
};

// The files that the configuration names.
std::vector<std::string> read_files(const config::Config& config) {
  Paths out;
  for (const config::Service& service : config.services) {
    for (const auto& file : {service.cert, service.key, service.key_password_file, service.crl})
      out.add(file);
    out.add(service.ca);
    out.add(service.client_ca);
  }
  return out.all();
}

// The folders of every file and socket that the service creates.
std::vector<std::string> written_folders(const config::Config& config) {
  Paths out;
  const auto add = [&](const fs::path& file) {
    out.add(path_of(absolute_path(file)).parent_path());
  };
  if (config.log.file) add(*config.log.file);
  const auto add_socket = [&](const config::SocketAddress& address) {
    if (const config::UnixSocket* local = address.local()) add(path_of(local->path));
  };
  if (config.status) add_socket(config.status->listen);
  for (const config::Service& service : config.services)
    for (const config::SocketAddress& accept : service.accept) add_socket(accept);
  return out.all();
}

Installation installation_of(const InstallOptions& options, const config::Config& config,
                             const ServiceInstaller& installer) {
  Installation out;
  out.name = options.name.empty() ? text_of(path_of(options.config).stem()) : options.name;
  out.for_user = options.for_user;
  out.root = options.root;
  out.program = inside(options.root, text_of(os::program_path()));
  const std::string config_file = absolute_path(path_of(options.config));
  out.config = inside(options.root, config_file);
  out.in_image = out.config != config_file;
  if (!options.for_user)
    out.account = !options.account.empty() ? options.account : installer.default_account();
  for (const std::string& file : read_files(config))
    out.reads.push_back(inside(options.root, file));
  for (const std::string& folder : written_folders(config))
    out.writes.push_back(inside(options.root, folder));
  out.has_log_target = config.log.file || config.log.syslog;
  return out;
}

ExitStatus install(const InstallOptions& options) {
  const auto fail_with = [](const Error& error, ExitStatus status) {
    return fail(error, status, "tunnel install");
  };
  const auto installer = ServiceInstaller::make(options.manager);
  if (const auto refusal =
          installer->refusal(options.for_user, options.print || !options.root.empty()))
    return fail_with(*refusal, ExitStatus::usage);
  const config::Validated validated = config::load(options.config, {}, environment_variable);
  if (!validated.mistakes.empty()) return fail_all(validated.mistakes);

  const Installation service = installation_of(options, validated.config, *installer);
  const bool good_account = options.for_user || installer->is_account(service.account);
  if (!is_service_name(service.name) || !good_account)
    return fail_with({fmt::format("\"{}\" is no name for a service or an account: letters, digits, "
                                  "\"-\", \"_\" and \".\" only, at most 64",
                                  escaped(good_account ? service.name : service.account)),
                      "name it: --name relay"},
                     ExitStatus::usage);
  if (service.program.empty() || has_control_characters(service.config + service.program))
    return fail_with({"the path of the program or of the configuration is none for a service", ""},
                     ExitStatus::failed);

  const auto done = options.print ? installer->preview(service) : installer->install(service);
  if (!done) return fail_with(done.error(), ExitStatus::failed);
  print(stdout, *done);
  return ExitStatus::ok;
}

ExitStatus uninstall(const InstallOptions& options) {
  const auto fail_with = [](const Error& error, ExitStatus status) {
    return fail(error, status, "tunnel uninstall");
  };
  const auto installer = ServiceInstaller::make(options.manager);
  if (const auto refusal = installer->refusal(options.for_user, !options.root.empty()))
    return fail_with(*refusal, ExitStatus::usage);
  if (!is_service_name(options.name))
    return fail_with({fmt::format("\"{}\" is no name of a service", escaped(options.name)),
                      "tunnel uninstall NAME"},
                     ExitStatus::usage);
  Installation service;
  service.name = options.name;
  service.for_user = options.for_user;
  service.root = options.root;
  const auto done = installer->uninstall(service);
  if (!done) return fail_with(done.error(), ExitStatus::failed);
  print(stdout, *done);
  return ExitStatus::ok;
}

void add_common(CLI::App& command, InstallOptions& options) {
  command.add_flag("--user", options.for_user, "For this user, rather than for the whole system");
  command
      .add_option("--root", options.root,
                  "Below this folder rather than /, for an image or a package")
      ->type_name("DIR");
  command.add_option("--manager", options.manager, "The service manager; this system's by default")
      ->type_name("systemd|launchd")
      ->check(CLI::IsMember({"systemd", "launchd"}).description(""));
}

}  // namespace

void add_install(CLI::App& app, Command& chosen) {
  auto* command =
      app.add_subcommand("install", "Install a configuration as a service; uninstall removes it");
  command->footer(
      "Examples:\n  sudo tunnel install --config /etc/tunnel/relay.toml\n"
      "  tunnel install --user --config vnc.toml\n"
      "  tunnel install --print --config relay.toml");
  const auto options = std::make_shared<InstallOptions>();
  command->add_option("--config", options->config, "What the service runs")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--name", options->name, "Of the service; FILE's without its ending by default")
      ->type_name("NAME");
  command
      ->add_option("--as", options->account,
                   "User to run the service as; default tunnel, on Windows LocalService")
      ->type_name("ACCOUNT");
  command->add_flag("--print", options->print, "Show the file, and write nothing");
  add_common(*command, *options);
  command->callback([options, &chosen] { chosen = [options] { return install(*options); }; });
}

void add_uninstall(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand("uninstall", "Remove what install has made")->group("");
  command->footer(R"(Examples:
  sudo tunnel uninstall relay
  tunnel uninstall --user vnc
  tunnel uninstall --manager launchd vnc)");
  const auto options = std::make_shared<InstallOptions>();
  command->add_option("NAME", options->name, "Of the service, as install showed it")->required();
  add_common(*command, *options);
  command->callback([options, &chosen] { chosen = [options] { return uninstall(*options); }; });
}

}  // namespace tunnel::cmd
