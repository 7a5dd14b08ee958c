// The command line, by CLI11.
#include "options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <asio/version.hpp>

#include "overrides.hpp"
#include "serve.hpp"
#include "status.hpp"
#include "subcommands.hpp"
#include "tls/accelerator.hpp"
#include "tls/aead/aead.hpp"
#include "tls/context.hpp"
#include "tunnel/version.hpp"

namespace tunnel {

namespace {

std::string accelerators() {
  const std::string handshake = tls::handshake_accelerator();
  return tls::accelerator() + (handshake.empty() ? "" : ", P-256 and X25519 by " + handshake);
}

std::string version_text() {
  return fmt::format("tunnel {}\n{}, Asio {}.{}.{}\n{}\n", build_version, tls::library_version(),
                     ASIO_VERSION / 100000, ASIO_VERSION / 100 % 1000, ASIO_VERSION % 100,
                     accelerators());
}

constexpr auto footer = R"(Examples:
  tunnel --config vnc.toml
  tunnel --config vnc.toml --connect 203-0-113-7.napter.soracom.io:41234
  tunnel --config relay.toml --test

A client's file, vnc.toml:
  [service.vnc]
  client  = true
  accept  = 5999
  connect = "relay.example:443"

The file is described in tunnel.toml(5), the program in tunnel(1).)";

// `tunnel --config FILE`, without a subcommand.
struct Main {
  std::string config;
  bool test = false;  // check only
  OverrideOptions overrides;
};

int run_main(const Main& main) {
  const auto overrides = overrides_of(main.overrides);
  if (!overrides) return refuse(overrides.error());
  return serve_file(main.config, *overrides, main.test);
}

void add_main(CLI::App& app, Main& main) {
  app.add_option("--config", main.config, "Run every service in FILE, in the foreground")
      ->type_name("FILE");
  app.add_flag("--test", main.test, "Check FILE, its keys and certificates, and open nothing");
  add_connect(app, main.overrides);
  add_accept(app, main.overrides);
}

}  // namespace

std::variant<Command, Answer> parse_options(int argc, char** argv) {
  CLI::App app("Carries TCP connections through TLS, verified by default.", "tunnel");
  app.footer(footer);
  app.get_formatter()->enable_footer_formatting(false);
  app.set_help_flag("-h,--help", "Show this and exit");
  app.set_version_flag("--version", version_text,
                       "Show the versions of the program and of its TLS library");
  app.require_subcommand(0, 1);
  Main main;
  add_main(app, main);
  // CLI11 would take the words of a command for its own
  char** const dashes = std::find(argv, argv + argc, std::string_view("--"));
  const bool with_words = dashes != argv + argc;
  const std::vector<std::string> words(with_words ? dashes + 1 : dashes, argv + argc);
  Command chosen;
  add_run(app, words, chosen);
  for (const AddSubcommand add : subcommands) add(app, chosen);
  try {
    app.parse(static_cast<int>(dashes - argv), argv);
  } catch (const CLI::CallForHelp&) {
    return Answer{app.help(), done};
  } catch (const CLI::CallForVersion&) {
    return Answer{version_text(), done};
  } catch (const CLI::ParseError& error) {
    return Answer{fmt::format("tunnel: {}\n    tunnel --help shows what there is\n", error.what()),
                  misused};
  }
  if (with_words && !app.got_subcommand("run"))
    return Answer{
        "tunnel: what stands behind -- is a command for tunnel run\n"
        "    tunnel run relay.example:41234 -- vncviewer {host}::{port}\n",
        misused};
  if (chosen) return chosen;
  if (main.config.empty())
    return Answer{"tunnel: say which file to run\n    tunnel --config vnc.toml\n", misused};
  return Command([main] { return run_main(main); });
}

}  // namespace tunnel
