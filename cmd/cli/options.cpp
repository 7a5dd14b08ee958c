// Parses the command line by CLI11.
#include "cmd/cli/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <asio/version.hpp>
#include <memory>

#include "base/text.hpp"
#include "built/version.hpp"
#include "cmd/cli/command_mistakes.hpp"
#include "cmd/cli/completion/completion.hpp"
#include "cmd/cli/exit_status.hpp"
#include "cmd/cli/help.hpp"
#include "cmd/cli/overrides.hpp"
#include "cmd/commands/run_command.hpp"
#include "cmd/commands/serve.hpp"
#include "cmd/commands/subcommands.hpp"
#include "tls/accelerator.hpp"
#include "tls/context.hpp"
#include "tls/record/aead/aead.hpp"

namespace tunnel::cmd {

namespace {

std::string accelerators() {
  const std::string handshake = tls::handshake_accelerator();
  return tls::accelerator() + (handshake.empty() ? "" : ", " + handshake);
}

std::string version_text() {
  const std::string slow = tls::slowness();
  return fmt::format("tunnel {}\nfor {}, compiled by {}\n{}, Asio {}.{}.{}\n{}\n{}", build_version,
                     build_target, build_compiler, tls::library_version(), ASIO_VERSION / 100000,
                     ASIO_VERSION / 100 % 1000, ASIO_VERSION % 100, accelerators(),
                     slow.empty() ? "" : slow + "\n");
}

constexpr auto footer = R"(Examples:
  tunnel --config vnc.toml
  tunnel --config vnc.toml --connect 203-0-113-7.napter.soracom.io:41234
  tunnel check relay.example:443)";

// `tunnel --config FILE`, without a subcommand.
struct Main {
  std::string config;
  bool test = false;  // check only
  std::string completion;
  OverrideOptions overrides;
};

ExitStatus run_main(const Main& main) {
  const auto overrides = overrides_of(main.overrides);
  if (!overrides) return fail(overrides.error());
  return serve_file(main.config, *overrides, main.test);
}

void add_main(CLI::App& app, Main& main) {
  app.add_option("--config", main.config, "Run every service in FILE, in the foreground")
      ->type_name("FILE");
  app.add_flag("--test", main.test, "Only check FILE, and its keys and certificates");
  add_connect(app, main.overrides);
  add_accept(app, main.overrides);
  app.add_option("--completion", main.completion, "Print that shell's completion script")
      ->type_name(fmt::format("{}", fmt::join(shells, "|")));
}

std::variant<Command, EarlyExit> complete(const CLI::App& app, const std::string& shell) {
  if (auto script = completion_script(app, shell))
    return EarlyExit{std::move(*script), ExitStatus::ok};
  return EarlyExit{
      fmt::format("tunnel: --completion: \"{}\" is none of the shells it knows\n    {}\n",
                  escaped(shell), fmt::join(shells, ", ")),
      ExitStatus::usage};
}

EarlyExit refusal(const std::string& what, const std::string& next_step) {
  return {fmt::format("tunnel: {}\n    {}\n", what, next_step), ExitStatus::usage};
}

}  // namespace

std::variant<Command, EarlyExit> parse_options(const std::vector<std::string>& words) {
  CLI::App app("Carries TCP connections through TLS, verified by default.", "tunnel");
  app.allow_windows_style_options(false);  // "/a" is a path
  app.footer(footer);
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("-h,--help", "Show this and exit");
  app.set_version_flag("-V,--version", version_text, "Show the version, and the TLS library's");
  app.require_subcommand(0, 1);
  Main main;
  add_main(app, main);
  // the words after -- belong to another command, so CLI11 must not see them
  const auto first = words.begin() + (words.empty() ? 0 : 1);
  const auto dashes = std::find(first, words.end(), "--");
  const bool with_command = dashes != words.end();
  CommandLine line{
      {first, dashes}, {with_command ? dashes + 1 : dashes, words.end()}, with_command};
  Command chosen;
  add_run(app, line.command, chosen);
  for (const AddSubcommand add : subcommands) add(app, chosen);
  line = with_usual_words(app, std::move(line));
  if (const auto mistake = mistake_in(app, line)) return refusal(mistake->what, mistake->hint);
  try {
    // parse() takes the words in reverse order
    std::reverse(line.own.begin(), line.own.end());
    app.parse(std::move(line.own));
  } catch (const CLI::CallForHelp&) {
    return EarlyExit{app.help(), ExitStatus::ok};
  } catch (const CLI::CallForVersion&) {
    return EarlyExit{version_text(), ExitStatus::ok};
  } catch (const CLI::ParseError& error) {
    return refusal(error.what(), "tunnel --help shows what there is");
  }
  if (!main.completion.empty()) return complete(app, main.completion);
  if (chosen) return chosen;
  if (main.config.empty())
    return refusal("say which file to run",
                   main.test ? "tunnel --config vnc.toml --test" : "tunnel --config vnc.toml");
  return Command([main] { return run_main(main); });
}

}  // namespace tunnel::cmd
