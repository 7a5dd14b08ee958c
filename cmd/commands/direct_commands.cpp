// `tunnel client` and `tunnel server`: one service without a file.
#include "cmd/commands/direct_commands.hpp"

#include <CLI/CLI.hpp>

#include <memory>

#include "cmd/cli/exit_status.hpp"
#include "cmd/cli/service_options.hpp"
#include "cmd/commands/serve.hpp"

namespace tunnel::cmd {

namespace {

struct Direct {
  ServiceOptions service;
  bool test = false;
};

ExitStatus run_direct(const Direct& direct) {
  const auto source = source_of(direct.service);
  if (!source) return fail(source.error());
  return serve(*source, "tunnel " + direct.service.name, direct.test);
}

CLI::App* add(CLI::App& app, Command& chosen, Mode mode, const char* name, const char* help,
              const char* accept, const char* connect, const char* footer) {
  CLI::App* const command = app.add_subcommand(name, help);
  const auto direct = std::make_shared<Direct>();
  direct->service.mode = mode;
  direct->service.name = name;
  command->footer(footer);
  command->add_option("ACCEPT", direct->service.accept, accept)->type_name("ACCEPT")->required();
  command->add_option("CONNECT", direct->service.connect, connect)
      ->type_name("CONNECT")
      ->required();
  add_service_options(*command, direct->service);
  command->add_flag("--test", direct->test, "Check what is given, and open nothing");
  command->callback([direct, &chosen] { chosen = [direct] { return run_direct(*direct); }; });
  return command;
}

}  // namespace

void add_client(CLI::App& app, Command& chosen) {
  add(app, chosen, Mode::client, "client",
      "One client service without a file: plaintext in, TLS out",
      "PORT or HOST:PORT to listen on, in plaintext; PORT alone is on this machine",
      "HOST:PORT of the relay; - reads it from standard input", R"(Examples:
  tunnel client 5999 203-0-113-7.napter.soracom.io:41234
  tunnel client 5999 relay.example:443 --pin sha256:...
  make-a-relay | tunnel client 5999 -)");
}

void add_server(CLI::App& app, Command& chosen) {
  add(app, chosen, Mode::server, "server",
      "One server service without a file: TLS in, plaintext out",
      "PORT or HOST:PORT to listen on, by TLS; PORT alone is every interface",
      "HOST:PORT of the device", R"(Examples:
  tunnel server 41234 127.0.0.1:5900 --cert relay.pem --key relay.key
  tunnel server 443 10.0.0.7:80 --cert relay.pem --key relay.key --open-for 30m
  tunnel server 443 10.0.0.7:80 --cert a.pem --key a.key --client-pin sha256:...)")
      ->usage("Usage: tunnel server ACCEPT CONNECT --cert FILE --key FILE [OPTIONS]");
}

}  // namespace tunnel::cmd
