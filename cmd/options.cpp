// The command line, by CLI11.
#include "options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <asio/version.hpp>

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

}  // namespace

std::variant<Options, Answer> parse_options(int argc, char** argv) {
  Options options;
  std::vector<std::string> connect;
  std::vector<std::string> accept;

  CLI::App app("Carries TCP connections through TLS, verified by default.", "tunnel");
  app.footer(footer);
  app.get_formatter()->enable_footer_formatting(false);
  app.set_help_flag("-h,--help", "Show this and exit");
  app.set_version_flag("--version", version_text,
                       "Show the versions of the program and of its TLS library");
  app.add_option("--config", options.config, "Run every service in FILE, in the foreground")
      ->type_name("FILE");
  app.add_flag("--test", options.test, "Check FILE, its keys and certificates, and open nothing");
  app.add_option("--connect", connect,
                 "Use this target instead of the file's; NAME where it has several services")
      ->type_name("[NAME=]HOST:PORT")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--accept", accept, "Listen here instead of where the file says")
      ->type_name("[NAME=]PORT or [NAME=]HOST:PORT")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Answer{app.help(), 0};
  } catch (const CLI::CallForVersion& version_call) {
    return Answer{version_text(), 0};
  } catch (const CLI::ParseError& error) {
    return Answer{fmt::format("tunnel: {}\n    tunnel --help shows what there is\n", error.what()),
                  2};
  }
  if (options.config.empty())
    return Answer{"tunnel: say which file to run\n    tunnel --config vnc.toml\n", 2};
  for (const auto& text : connect) options.overrides.push_back({"--connect", "connect", text});
  for (const auto& text : accept) options.overrides.push_back({"--accept", "accept", text});
  return options;
}

}  // namespace tunnel
