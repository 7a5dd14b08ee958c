// `tunnel run -- COMMAND`: a tunnel that stays open while the command runs.
#include "cmd/commands/run_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <thread>

#include "base/text.hpp"
#include "cmd/cli/environment_variables.hpp"
#include "cmd/cli/exit_status.hpp"
#include "cmd/cli/overrides.hpp"
#include "cmd/cli/placeholders.hpp"
#include "cmd/cli/service_options.hpp"
#include "cmd/commands/serve.hpp"
#include "os/process/child.hpp"
#include "os/process/process.hpp"

namespace tunnel::cmd {

namespace {

constexpr auto footer = R"(Examples:
  tunnel run relay.example:41234 -- vncviewer {host}::{port}
  tunnel run relay.example:41234 -- curl http://{accept}/
  tunnel run --config vnc.toml -- vncviewer localhost::{port}

In COMMAND, {accept} is the address of the tunnel, {host} and {port} its parts;
{NAME.accept} and so on where the file has several services. The exit status is
the command's. A launcher may return at once: the tunnel stays open for what it
started.)";

struct RunOptions {
  std::string config;
  OverrideOptions overrides;
  ServiceOptions service;
  std::string given;  // the first service option on the command line
};

// A launcher (open, xdg-open, start) succeeds within this time, and leaves a program behind that
// has yet to connect.
constexpr std::chrono::seconds launchers_time{10};
constexpr std::chrono::seconds patience{30};

void report(Server::Waiting waiting) {
  const std::string limit = duration_text(patience);
  switch (waiting) {
    case Server::Waiting::first_connection:
      fail({fmt::format("the command has ended, and nothing has connected yet: waiting {} for a "
                        "first connection",
                        limit),
            "Ctrl+C closes the tunnel at once"});
      break;
    case Server::Waiting::last_connection:
      fail({"the command has ended: the tunnel closes with the last of its connections",
            "Ctrl+C closes it earlier"});
      break;
    case Server::Waiting::nothing_came:
      fail({fmt::format("nothing connected within {}: the tunnel closes", limit),
            "a command that stays keeps it open: open -W on macOS, start /wait on Windows"});
  }
}

constexpr const char* ended_words = "the command has ended";

struct Launch {
  os::Child child;
  bool knows_address;  // a program that it leaves behind may connect
};

// Exits with the command's status once the command has exited and its connections have closed.
[[noreturn]] void run_beside(Server& server, Log& log, Launch launch) {
  os::prepare_process();
  std::promise<int> ended;
  std::thread watch([&] {
    const auto begin = std::chrono::steady_clock::now();
    const int status = launch.child.wait();
    const bool was_short = std::chrono::steady_clock::now() - begin < launchers_time;
    if (status == 0 && was_short && launch.knows_address)
      server.end_unused(ended_words, patience, report);
    else
      server.end(ended_words);
    ended.set_value(status);
    // signals are no longer for the command
    while (os::Child::wait_for_stop_signal()) server.end("a signal");
  });
  server.run(Server::Signals::others);
  // the services may have closed before the command exits
  const int status = ended.get_future().get();
  std::fflush(stdout);
  log.flush(std::chrono::seconds(2));
  exit_now(static_cast<ExitStatus>(status));  // the thread still waits for a signal
}

ExitStatus run_command(const ConfigSource& source, const std::vector<std::string>& words,
                       bool is_fixed_address) {
  auto prepared = prepare(source);
  if (const auto* status = std::get_if<ExitStatus>(&prepared)) return *status;
  Prepared& ready = std::get<Prepared>(prepared);
  const auto command = fill_in(words, ready.server->listening());
  if (!command) return fail(command.error());
  // before the server changes limits and signals: the command inherits the user's
  auto child = os::Child::start(*command);
  if (const auto* failure = std::get_if<os::Child::Failure>(&child)) {
    fail(failure->error);
    return static_cast<ExitStatus>(failure->status);
  }
  const bool knows_address = is_fixed_address || *command != words;
  run_beside(*ready.server, *ready.log, {std::move(std::get<os::Child>(child)), knows_address});
}

ExitStatus run_with_file(const RunOptions& options, const std::vector<std::string>& command) {
  const auto overrides = overrides_of(options.overrides, RestOfInput::the_commands);
  if (!overrides) return fail(overrides.error());
  return run_command({[file = options.config, overrides = *overrides](const os::FileView& files) {
                       return config::load(file, overrides, {environment_variable, files});
                     }},
                     command, true);
}

ExitStatus run_without_file(const RunOptions& options, const std::vector<std::string>& command) {
  ServiceOptions service = options.service;
  if (!options.overrides.connect.empty())
    return fail({"--connect goes with --config", "tunnel run HOST:PORT -- COMMAND"});
  if (options.overrides.accept.size() > 1) return fail({"--accept is given twice", "give it once"});
  service.accept =
      options.overrides.accept.empty() ? "127.0.0.1:0" : options.overrides.accept.front();
  // the user wants to see the command's output, not the log
  if (!service.log_level) service.log_level = "warn";
  const auto source = source_of(service, RestOfInput::the_commands);
  if (!source) return fail(source.error());
  return run_command(*source, command, !options.overrides.accept.empty());
}

ExitStatus run(const RunOptions& options, const std::vector<std::string>& command) {
  const bool with_file = !options.config.empty();
  if (with_file && !options.service.connect.empty())
    return fail({"the relay goes without --config; with it the file says it",
                 fmt::format("tunnel run --config {} --connect {} -- ...", options.config,
                             one_line(options.service.connect))});
  if (with_file && !options.given.empty())
    return fail({fmt::format("{} goes without --config; with it the file says it", options.given),
                 "write it into " + one_line(options.config)});
  if (!with_file && options.service.connect.empty())
    return fail({"say which relay to go to, or which file to run",
                 "tunnel run relay.example:41234 -- vncviewer {host}::{port}"});
  if (command.empty())
    return fail({"say which command to run, after --",
                 fmt::format("tunnel run {} -- vncviewer {{host}}::{{port}}",
                             with_file ? "--config " + options.config
                                       : one_line(options.service.connect))});
  return with_file ? run_with_file(options, command) : run_without_file(options, command);
}

}  // namespace

void add_run(CLI::App& app, const std::vector<std::string>& words, Command& chosen) {
  CLI::App* const command =
      app.add_subcommand("run", "Open a tunnel, run a command through it, and close with it");
  const auto options = std::make_shared<RunOptions>();
  options->service.name = "run";
  command->footer(footer);
  command->usage(
      "Usage: tunnel run [OPTIONS] CONNECT -- COMMAND ...\n"
      "       tunnel run [OPTIONS] --config FILE -- COMMAND ...");
  command
      ->add_option("CONNECT", options->service.connect,
                   "HOST:PORT of the relay; - reads it from standard input")
      ->type_name("CONNECT");
  command->add_option("--config", options->config, "Run the services of FILE")->type_name("FILE");
  add_connect(*command, options->overrides);
  add_accept(*command, options->overrides);
  const auto of_service = add_service_options(*command, options->service);
  command->callback([options, of_service, words, &chosen] {
    const auto given = std::ranges::find_if(
        of_service, [](const CLI::Option* option) { return option->count() > 0; });
    if (given != of_service.end()) options->given = (*given)->get_name();
    chosen = [options, words] { return run(*options, words); };
  });
}

}  // namespace tunnel::cmd
