// Finds the running tunnel, signals it, and waits until another process has taken over.
#include "cmd/commands/upgrade_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "base/path.hpp"
#include "base/text.hpp"
#include "cmd/cli/exit_status.hpp"
#include "os/process/running.hpp"
#include "os/process/supervision.hpp"

namespace tunnel::cmd {

namespace {

namespace fs = std::filesystem;

struct UpgradeOptions {
  std::string config;
  std::string name;
};

// The value of --config; empty if it is another command.
std::string config_of(const std::vector<std::string>& words) {
  constexpr std::string_view option = "--config";
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (!words[i].starts_with("-") && i == 1) return {};
    if (words[i] == option && i + 1 < words.size()) return words[i + 1];
    if (words[i].starts_with("--config=")) return words[i].substr(option.size() + 1);
  }
  return {};
}

bool runs(const os::Running& program, const UpgradeOptions& wanted) {
  if (!wanted.name.empty())
    return program.unit == "tunnel-" + wanted.name + ".service" ||
           program.unit == "tunnel@" + wanted.name + ".service";
  const std::string config = config_of(program.command);
  std::error_code error;
  return !config.empty() &&
         fs::equivalent(program.folder / path_of(config), path_of(wanted.config), error);
}

Result<int> find(const UpgradeOptions& wanted) {
  const std::string what = wanted.name.empty() ? wanted.config : "service " + wanted.name;
  std::vector<std::string> found;
  int process = 0;
  for (const os::Running& program : os::supervised_programs())
    if (runs(program, wanted)) {
      process = program.process;
      found.push_back(std::to_string(process));
    }
  if (found.size() == 1) return process;
  if (found.empty())
    return Error{fmt::format("no tunnel that can be upgraded runs {}", escaped(what)),
                 "with sandbox = false it is a single process: restart it instead"};
  return Error{
      fmt::format("several tunnels run {}: processes {}", escaped(what), joined_with_and(found)),
      "kill -USR2 PROCESS upgrades one"};
}

ExitStatus upgrade(const UpgradeOptions& wanted) {
  if (!os::supports_supervision())
    return fail({"a running tunnel can't be upgraded on this system", "restart it instead"});
  const auto process = find(wanted);
  if (!process) return fail(process.error(), ExitStatus::failed);
  if (const auto asked = os::request_upgrade(*process); !asked)
    return fail(asked.error(), ExitStatus::failed);
  // it gives up earlier
  constexpr std::chrono::seconds patience{75};
  constexpr std::chrono::seconds time_to_begin{5};
  const auto begin = std::chrono::steady_clock::now();
  int successor = 0;
  for (;;) {
    os::UpgradeState state = os::upgrade_state(*process);
    if (state.exited) {
      // without connections it ends so soon that its successor may not have been seen
      const auto now = find(wanted);
      if (!now)
        return fail(
            {fmt::format("not upgraded: process {} has ended, and no other took over", *process),
             "see its log for the reason, and start it again"},
            ExitStatus::failed);
      state.successor = *now;
      state.done = true;
    }
    if (state.successor != 0) successor = state.successor;
    if (state.done) {
      print(stdout,
            fmt::format("upgraded: process {} has taken over from {}\n", successor, *process));
      return ExitStatus::ok;
    }
    const auto waited = std::chrono::steady_clock::now() - begin;
    const bool gave_up = successor != 0 && state.successor == 0;
    if (gave_up || waited > patience || (successor == 0 && waited > time_to_begin))
      return fail({fmt::format("not upgraded: process {} keeps running", *process),
                   "see its log for the reason"},
                  ExitStatus::failed);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

void add_upgrade(CLI::App& app, Command& chosen) {
  auto wanted = std::make_shared<UpgradeOptions>();
  CLI::App* command =
      app.add_subcommand("upgrade", "Switch a running tunnel to the newly installed program")
          ->group("");
  command->usage(
      "Usage: tunnel upgrade --config FILE\n"
      "       tunnel upgrade --name NAME");
  command->footer(R"(The running tunnel starts the new program, which takes over its listeners. No
client is refused and no connection is cut: the old process exits after its last
connection. If the new program doesn't start, nothing changes.

Examples:
  tunnel upgrade --config /etc/tunnel/vnc.toml
  tunnel upgrade --name vnc
  sudo tunnel upgrade --name vnc)");
  auto* config = command->add_option("--config", wanted->config, "The FILE that it runs");
  config->type_name("FILE");
  auto* name =
      command->add_option("--name", wanted->name, "The service's NAME, as tunnel install has it");
  name->type_name("NAME")->excludes(config);
  command->callback([wanted, config, name, &chosen] {
    const bool is_named = config->count() + name->count() > 0;
    chosen = [wanted, is_named] {
      return is_named ? upgrade(*wanted)
                      : fail({"say which tunnel is meant", "tunnel upgrade --config vnc.toml"});
    };
  });
}

}  // namespace tunnel::cmd
