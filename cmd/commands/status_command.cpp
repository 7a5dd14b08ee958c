// `tunnel status`: prints the status of a running tunnel, once or every two seconds.
#include "cmd/commands/status_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "base/text.hpp"
#include "cmd/cli/environment_variables.hpp"
#include "cmd/cli/exit_status.hpp"
#include "config/load.hpp"
#include "config/sections/status_section.hpp"
#include "os/service/reload_event.hpp"
#include "os/terminal/colours.hpp"
#include "status/status_http.hpp"

namespace tunnel::cmd {

namespace {

struct StatusOptions {
  std::string config;
  std::string address;
  bool watch = false;
  bool json = false;
};

// A tunnel that listens everywhere listens on loopback, too, where nobody needs a token.
config::SocketAddress from_here(const config::SocketAddress& listen) {
  const config::HostPort* tcp = listen.tcp();
  if (tcp != nullptr && (tcp->host == "0.0.0.0" || tcp->host == "::"))
    return config::HostPort{tcp->host == "::" ? "::1" : "127.0.0.1", tcp->port};
  return listen;
}

// Ignores other mistakes in the file: the running tunnel may have loaded an earlier version.
Result<config::SocketAddress> address_of(const StatusOptions& wanted) {
  if (!wanted.address.empty()) return config::status_address(wanted.address, "");
  const config::Validated validated = config::load(wanted.config, {}, environment_variable);
  if (!validated.config.status) {
    for (const config::Mistake& mistake : validated.mistakes)
      if (mistake.place.line == 0 || mistake.scope == "status") return Error{mistake.in_a_line()};
    return Error{wanted.config + " has no [status] listen, so the tunnel tells nobody its status",
                 fmt::format("add it: [status] listen = \"127.0.0.1:9090\", and reload {}",
                             os::how_to_reload())};
  }
  const config::SocketAddress& listen = validated.config.status->listen;
  if (const config::HostPort* tcp = listen.tcp(); tcp != nullptr && tcp->port == 0)
    return Error{"the port in the file is 0, so the system has chosen one",
                 "tunnel status 127.0.0.1:PORT, with the port that the log says"};
  return from_here(listen);
}

// Line by line, since any program may answer at that address, and a terminal obeys control
// characters.
std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += one_line(text.substr(0, end));
    if (end < text.size()) out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

ExitStatus show(const StatusOptions& wanted) {
  const auto listen = address_of(wanted);
  if (!listen) {
    print(stderr, "tunnel: " + listen.error().message() + "\n");
    return ExitStatus::usage;
  }
  const std::string path = wanted.json ? "/status" : "/table";
  const bool clears = wanted.watch && os::shows_colours(stdout);
  while (true) {
    const auto text = status::fetch(*listen, path);
    if (!text) {
      print(stderr, "tunnel: " + text.error().message() + "\n");
      return ExitStatus::failed;
    }
    print(stdout, (clears ? "\x1b[H\x1b[2J" : "") + printable(*text));
    if (std::fflush(stdout) != 0) return ExitStatus::failed;  // the reader is gone
    if (!wanted.watch) return ExitStatus::ok;
    if (!clears && !wanted.json) print(stdout, "\n");
    std::this_thread::sleep_for(std::chrono::seconds(2));
  }
}

}  // namespace

void add_status(CLI::App& app, Command& chosen) {
  auto wanted = std::make_shared<StatusOptions>();
  CLI::App* command =
      app.add_subcommand("status", "Show what a running tunnel does; upgrade replaces its program");
  command->usage(
      "Usage: tunnel status [OPTIONS] --config FILE\n"
      "       tunnel status [OPTIONS] ADDRESS");
  command->footer(R"(Examples:
  tunnel status --config vnc.toml
  tunnel status --config vnc.toml --watch
  tunnel status 127.0.0.1:9090 --json)");
  auto* config = command->add_option(
      "--config", wanted->config, "The FILE that it runs, whose [status] listen says where it is");
  config->type_name("FILE");
  auto* address = command->add_option("ADDRESS", wanted->address,
                                      "Where it serves its status: HOST:PORT or unix:PATH");
  address->type_name("ADDRESS")->excludes(config);
  command->add_flag("--watch", wanted->watch, "Again every two seconds, until it is interrupted");
  command->add_flag("--json", wanted->json, "Print the document at /status instead");
  command->callback([wanted, config, address, &chosen] {
    const bool is_named = config->count() + address->count() > 0;
    chosen = [wanted, is_named] {
      return is_named ? show(*wanted)
                      : fail({"say which tunnel is meant", "tunnel status --config vnc.toml"});
    };
  });
}

}  // namespace tunnel::cmd
