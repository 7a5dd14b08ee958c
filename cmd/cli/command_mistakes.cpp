// Mends the first word that has no place, then the next.
#include "cmd/cli/command_mistakes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/host.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "cmd/cli/addresses_meant.hpp"
#include "cmd/cli/command_reading.hpp"
#include "cmd/cli/spelling.hpp"

namespace tunnel::cmd {

namespace {

// What is wrong, and the command line without it or the next step.
struct Slip {
  std::string what;
  std::optional<CommandLine> meant = std::nullopt;
  std::string hint = {};
};

// --- the line, changed

using Offset = Words::difference_type;

CommandLine with_replaced(CommandLine line, std::size_t at, std::string word) {
  line.own[at] = std::move(word);
  return line;
}

CommandLine with_inserted(CommandLine line, std::size_t at, const Words& words) {
  line.own.insert(line.own.begin() + static_cast<Offset>(at), words.begin(), words.end());
  return line;
}

CommandLine with_removed(CommandLine line, std::size_t at, std::size_t count = 1) {
  const auto first = line.own.begin() + static_cast<Offset>(at);
  line.own.erase(first, first + static_cast<Offset>(count));
  return line;
}

std::string in_quotes(std::string_view word) { return '"' + one_line(word) + '"'; }

std::string help_hint(const Reading& reading) {
  return reading.name() + " --help shows what there is";
}

// --- addresses, in any command

std::optional<Slip> slip_in_addresses(const Reading& reading, const CommandLine& line) {
  if (is_one_of(reading.command(), {"keygen", "uninstall", "install"})) return std::nullopt;
  for (const std::size_t at : reading.positionals()) {
    if (const auto target = target_of_url(reading.word(at)))
      return Slip{in_quotes(reading.word(at)) + " is a URL, where HOST:PORT is wanted",
                  with_replaced(line, at, *target)};
    if (at == 0 || !is_port(reading.word(at)) || !reading.may_be_host(at - 1)) continue;
    const std::string& before = reading.word(at - 1);
    const auto begin = before.find('=') + 1;  // of HOST in NAME=HOST; 0 where there is no name
    if (!is_bare_host(std::string_view(before).substr(begin))) continue;
    const std::string target =
        before.substr(0, begin) + with_port(before.substr(begin), reading.word(at));
    return Slip{fmt::format("\"{} {}\" are two words, where HOST:PORT is one", one_line(before),
                            reading.word(at)),
                with_replaced(with_removed(line, at), at - 1, target)};
  }
  return std::nullopt;
}

// --- without a command

constexpr std::array<std::string_view, 6> words_for_running = {"start", "serve",  "up",
                                                               "open",  "config", "load"};
constexpr std::array<std::string_view, 4> words_for_testing = {"test", "validate", "verify",
                                                               "configtest"};

Slip slip_of_target(const Reading& reading, const CommandLine& line, std::size_t at) {
  const std::string what = in_quotes(reading.word(at)) + " is an address: say what to do with it";
  if (reading.has("--config")) return {what, with_inserted(line, at, {"--connect"})};
  if (line.has_dashes) return {what, with_inserted(line, 0, {"run"})};
  if (reading.positionals().size() > 1) return {what, with_inserted(line, 0, {"client"})};
  return {what, with_inserted(line, 0, {"client", "5999"})};
}

std::optional<Slip> slip_of_configuration(const Reading& reading, const CommandLine& line,
                                          std::size_t at) {
  const std::string& word = reading.word(at);
  const auto named = configuration_named(word);
  if (!named && !is_configuration(word, true)) return std::nullopt;
  if (reading.has("--config"))
    return Slip{in_quotes(word) + " is a second file, where one is wanted", std::nullopt,
                "put the services of both into one, or start tunnel once for each"};
  return Slip{in_quotes(named.value_or(word)) + " is a file: say what to do with it",
              with_inserted(with_replaced(line, at, named.value_or(word)), at, {"--config"})};
}

std::optional<Slip> slip_without_command(const CLI::App& app, const Reading& reading,
                                         const CommandLine& line) {
  if (!reading.is_top() || reading.positionals().empty()) return std::nullopt;
  const std::size_t at = reading.positionals().front();
  const std::string& word = reading.word(at);
  const std::string unknown = fmt::format("there is no command {}", in_quotes(word));
  if (auto slip = slip_of_configuration(reading, line, at)) return slip;
  if (reading.positionals().size() > 1 && is_configuration(reading.positional(1))) {
    if (std::ranges::find(words_for_running, word) != words_for_running.end())
      return Slip{unknown, with_removed(line, at)};
    if (std::ranges::find(words_for_testing, word) != words_for_testing.end())
      return Slip{unknown, with_replaced(line, at, "--test")};
  }
  const bool is_word = word.find_first_of(".:0123456789") == word.npos;
  if (const auto meant = command_meant(app, word); is_word && !meant.empty())
    return Slip{unknown, with_replaced(line, at, meant)};
  if (auto slip = slip_in_addresses(reading, line)) return slip;
  if (is_host_and_port(word)) return slip_of_target(reading, line, at);
  const bool before_target =
      reading.positionals().size() > 1 &&
      (is_host_and_port(reading.positional(1)) || reading.positional(1) == "-");
  if (is_port(word) && reading.has("--config"))
    return Slip{in_quotes(word) + " is a port: say what to do with it",
                with_inserted(line, at, {"--accept"})};
  if (is_port(word) && before_target)
    return Slip{"say which side this is: client or server", with_inserted(line, at, {"client"})};
  return Slip{unknown, std::nullopt, help_hint(reading)};
}

// --- options

// Of a command with ACCEPT and CONNECT, whose addresses are no options.
std::optional<Slip> slip_of_address_option(const Reading& reading, const CommandLine& line) {
  const std::size_t at = reading.unknown();
  const std::string_view name = name_part(reading.word(at));
  const bool accept = is_one_of(name, {"--accept", "--listen", "-l", "-L"});
  if (!accept && !is_one_of(name, {"--connect", "--target", "--remote", "--relay"}))
    return std::nullopt;
  CommandLine meant = line;
  std::string value;
  if (name.size() < reading.word(at).size()) {
    value = reading.word(at).substr(name.size() + 1);
    meant = with_removed(line, at);
  } else if (at + 1 < line.own.size()) {
    value = reading.word(at + 1);
    meant = with_removed(line, at, 2);
  } else {
    return std::nullopt;
  }
  // CONNECT comes last, so it goes to the end of the positionals so far
  const std::size_t place = accept || reading.positionals().empty()
                                ? reading.command_at() + 1
                                : reading.positionals().back() + 1;
  return Slip{fmt::format("{} has no option {}: ACCEPT and CONNECT are words without one",
                          reading.name(), one_line(name)),
              with_inserted(meant, place, {value})};
}

// The commands that have it: "tunnel client, tunnel server".
std::string commands_with(const CLI::App& app, const std::string& option) {
  Words commands;
  for (const Level& level : levels_of(app))
    if (!level.name.empty() && find_option(*level.app, option) != nullptr)
      commands.push_back("tunnel " + level.name);
  return fmt::format("{}", fmt::join(commands, ", "));
}

std::optional<Slip> slip_of_habit(const Reading& reading, const CommandLine& line,
                                  const std::string& what) {
  const std::size_t at = reading.unknown();
  const std::string name = lower_case(name_part(reading.word(at)));
  const bool has_level = find_option(reading.level(), "--log-level") != nullptr;
  if (is_one_of(name, {"-v", "-vv", "--verbose", "--debug", "-d"})) {
    if (has_level)
      return Slip{what, with_inserted(with_replaced(line, at, "debug"), at, {"--log-level"})};
    if (reading.is_top())
      return Slip{what, std::nullopt, "write it into the file: [log] level = \"debug\""};
  }
  if (is_one_of(name, {"--daemon", "--daemonize", "--background", "-b"}))
    return Slip{what + ": it stays in the foreground", std::nullopt,
                "tunnel install --config vnc.toml makes a service of it"};
  if (is_one_of(name, {"--insecure", "-k", "--no-verify", "--no-check-certificate"}))
    return Slip{what, std::nullopt,
                "trust the server's own key instead: tunnel pin HOST:PORT shows the line for it"};
  if (is_one_of(name, {"--tls", "--ssl", "--secure"}))
    return Slip{what + ": TLS is the default", with_removed(line, at)};
  return std::nullopt;
}

std::optional<Slip> slip_of_option(const CLI::App& app, const Reading& reading,
                                   const CommandLine& line) {
  const std::size_t at = reading.unknown();
  if (at == none) return std::nullopt;
  const std::string& word = reading.word(at);
  const std::string name(name_part(word));
  const std::string what = fmt::format(
      "{} no option {}", reading.is_top() ? "there is" : reading.name() + " has", one_line(name));
  if (is_one_of(reading.command(), {"client", "server"}))
    if (auto slip = slip_of_address_option(reading, line)) return slip;
  if (auto slip = slip_of_habit(reading, line, what)) return slip;
  if (reading.command() == "uninstall" && name == "--config")
    return Slip{what, with_removed(line, at)};
  if (const auto meant = option_meant(reading.level(), name); !meant.empty())
    return Slip{what, with_replaced(line, at, meant + word.substr(name.size()))};
  if (const std::string others = commands_with(app, name); !others.empty())
    return Slip{fmt::format("{}: it is an option of {}", what, others), std::nullopt,
                help_hint(reading)};
  std::string hint = help_hint(reading);
  if (find_option(reading.level(), "--set") != nullptr)
    hint += ", and another key of the file is written as --set idle_timeout=8h";
  return Slip{what, std::nullopt, hint};
}

std::optional<Slip> slip_of_value(const Reading& reading, const CommandLine& line) {
  if (const std::size_t at = reading.without_value(); at != none) {
    const CLI::Option* option = find_option(reading.level(), reading.word(at));
    const std::string value = placeholder_of(*option);
    return Slip{fmt::format("{} needs a value: {}", reading.word(at), value),
                with_inserted(line, at + 1, {value})};
  }
  if (const std::size_t at = reading.twice(); at != none)
    return Slip{fmt::format("{} is given twice", name_part(reading.word(at))), std::nullopt,
                "give it once"};
  return std::nullopt;
}

// Options before a command are the program's own, which no command reads.
std::optional<Slip> slip_of_order(const Reading& reading, const CommandLine& line) {
  if (!reading.has_options_before_command()) return std::nullopt;
  const std::size_t command = reading.command_at();
  const std::string first(name_part(line.own.front()));
  if (is_one_of(first, {"-V", "--version"})) return std::nullopt;
  const std::string what =
      fmt::format("{} stands before {}, which does not read it", first, reading.command());
  if (find_option(reading.level(), first) == nullptr)
    return Slip{what, std::nullopt, help_hint(reading)};
  CommandLine meant = line;
  std::rotate(meant.own.begin(), meant.own.begin() + static_cast<Offset>(command),
              meant.own.begin() + static_cast<Offset>(command) + 1);
  return Slip{what, meant};
}

// --- the words of each command

std::optional<Slip> slip_of_file_given_as_word(const Reading& reading, const CommandLine& line) {
  if (reading.has("--config")) return std::nullopt;
  for (const std::size_t at : reading.positionals()) {
    const std::string& word = reading.word(at);
    const auto named = configuration_named(word);
    if (!named && !is_configuration(word)) continue;
    return Slip{in_quotes(named.value_or(word)) + " is a file, and files go with --config",
                with_inserted(with_replaced(line, at, named.value_or(word)), at, {"--config"})};
  }
  return std::nullopt;
}

// `tunnel client vnc.toml`: the file says whether it is a client.
std::optional<Slip> slip_of_direct_file(const Reading& reading) {
  const auto& positionals = reading.positionals();
  const auto file = std::ranges::find_if(
      positionals, [&](std::size_t at) { return is_configuration(reading.word(at)); });
  if (file == positionals.end()) return std::nullopt;
  CommandLine meant;
  meant.own = {"--config", reading.word(*file)};
  for (const std::size_t at : positionals)
    if (at != *file)
      meant.own.insert(meant.own.end(),
                       {is_port(reading.word(at)) ? "--accept" : "--connect", reading.word(at)});
  if (reading.has("--test")) meant.own.emplace_back("--test");
  return Slip{fmt::format("{} goes without a file, and {} is one", reading.name(),
                          in_quotes(reading.word(*file))),
              meant};
}

std::optional<Slip> slip_of_direct(const Reading& reading, const CommandLine& line) {
  if (auto slip = slip_of_direct_file(reading)) return slip;
  const auto& positionals = reading.positionals();
  const bool client = reading.command() == "client";
  const std::string accept = reading.positional(0), connect = reading.positional(1);
  if (positionals.size() == 1)
    if (const auto both = forwarding(accept))
      return Slip{"ACCEPT and CONNECT are two words",
                  with_inserted(with_replaced(line, positionals[0], both->second), positionals[0],
                                {both->first})};
  if (positionals.size() == 1 && (is_host_and_port(accept) || accept == "-"))
    return Slip{"ACCEPT is required: the port to listen on",
                with_inserted(line, positionals[0], {client ? "5999" : "41234"})};
  if (positionals.size() != 2 || !is_port(connect)) return std::nullopt;
  if (is_host_and_port(accept) || accept == "-")
    return Slip{
        "ACCEPT comes first, then CONNECT",
        with_replaced(with_replaced(line, positionals[0], connect), positionals[1], accept)};
  if (is_port(accept))
    return Slip{fmt::format("CONNECT: \"{}\" has no host", connect),
                with_replaced(line, positionals[1],
                              with_port(client ? "relay.example" : "127.0.0.1", connect))};
  return std::nullopt;
}

std::optional<Slip> slip_of_run(const Reading& reading, const CommandLine& line) {
  const std::size_t own = reading.has("--config") ? 0 : 1;
  const auto& positionals = reading.positionals();
  // with both, the file's target would be replaced: `tunnel run` says how
  const bool replaces_target = own == 0 && is_host_and_port(reading.positional(0));
  if (positionals.size() > own && !replaces_target) {
    const std::size_t at = positionals[own];
    CommandLine meant = line;
    meant.own.resize(at);
    meant.command.assign(line.own.begin() + static_cast<Offset>(at), line.own.end());
    meant.command.insert(meant.command.end(), line.command.begin(), line.command.end());
    meant.has_dashes = true;
    return Slip{in_quotes(reading.word(at)) + " is a command, and goes behind --", meant};
  }
  const std::string connect = reading.positional(0);
  if (line.has_dashes || connect.empty() || connect == "-" || is_host_and_port(connect) ||
      connect.find_first_of(".:") != connect.npos)
    return std::nullopt;
  return Slip{"say which relay to go to, before the command", std::nullopt,
              fmt::format("tunnel run relay.example:41234 -- {}", shell_word(connect))};
}

std::optional<Slip> slip_in_words(const Reading& reading, const CommandLine& line) {
  const std::string command = reading.command();
  if (auto slip = slip_in_addresses(reading, line)) return slip;
  if (is_one_of(command, {"client", "server"})) return slip_of_direct(reading, line);
  if (is_one_of(command, {"check", "status", "run", "install"}))
    if (auto slip = slip_of_file_given_as_word(reading, line)) return slip;
  if (command == "run") return slip_of_run(reading, line);
  if (command == "uninstall" && is_configuration(reading.positional(0))) {
    const std::string name = tunnel::text_of(path_of(reading.positional(0)).stem());
    return Slip{in_quotes(reading.positional(0)) + " is a file, where the service's NAME is wanted",
                with_replaced(line, reading.positionals()[0], name)};
  }
  return std::nullopt;
}

std::string usage_of(const Reading& reading) {
  std::string usage = reading.name();
  for (const CLI::Option* option : positionals_of(reading.level()))
    if (option->get_required()) usage += " " + placeholder_of(*option);
  for (const CLI::Option* option : options_of(reading.level()))
    if (option->get_required())
      usage += fmt::format(" {} {}", names_of(*option).back(), placeholder_of(*option));
  return usage;
}

std::optional<Slip> slip_of_number(const Reading& reading) {
  if (reading.is_top()) return std::nullopt;
  const std::string hint =
      fmt::format("{}; {} --help shows examples", usage_of(reading), reading.name());
  const auto wanted = positionals_of(reading.level());
  if (reading.positionals().size() > wanted.size())
    return Slip{
        fmt::format("{} is one word too many", in_quotes(reading.positional(wanted.size()))),
        std::nullopt, hint};
  for (std::size_t n = reading.positionals().size(); n < wanted.size(); ++n)
    if (wanted[n]->get_required())
      return Slip{placeholder_of(*wanted[n]) + " is required", std::nullopt, hint};
  for (const CLI::Option* option : options_of(reading.level()))
    if (option->get_required() && !reading.has(names_of(*option).back()))
      return Slip{names_of(*option).back() + " is required", std::nullopt, hint};
  return std::nullopt;
}

// --- a command behind -- without `run`

std::optional<Slip> slip_of_dashes(const Reading& reading, const CommandLine& line) {
  if (!line.has_dashes || reading.command() == "run") return std::nullopt;
  const std::string what = "what stands behind -- is a command for tunnel run";
  if (reading.is_top() && reading.has("--config"))
    return Slip{what, with_inserted(line, 0, {"run"})};
  if (reading.command() == "client" && reading.positionals().size() == 2) {
    CommandLine meant =
        with_replaced(with_removed(line, reading.positionals()[0]), reading.command_at(), "run");
    meant.own.insert(meant.own.end(), {"--accept", reading.positional(0)});
    return Slip{what, meant};
  }
  return Slip{what, std::nullopt, "tunnel run relay.example:41234 -- vncviewer {host}::{port}"};
}

std::optional<Slip> slip_in(const CLI::App& app, const CommandLine& line) {
  const Reading reading(app, line);
  if (auto slip = slip_without_command(app, reading, line)) return slip;
  if (auto slip = slip_of_option(app, reading, line)) return slip;
  if (auto slip = slip_of_value(reading, line)) return slip;
  if (auto slip = slip_of_order(reading, line)) return slip;
  if (auto slip = slip_of_dashes(reading, line)) return slip;
  if (auto slip = slip_in_words(reading, line)) return slip;
  return slip_of_number(reading);
}

bool asks_for_help(const CommandLine& line) {
  return std::ranges::any_of(line.own, [](const std::string& word) {
    return is_one_of(word, {"-h", "--help"});
  });
}

}  // namespace

std::string text_of(const CommandLine& line) {
  std::string text = "tunnel";
  for (const std::string& word : line.own) text += " " + shell_word(word);
  if (line.has_dashes) text += " --";
  for (const std::string& word : line.command) text += " " + shell_word(word);
  return text;
}

CommandLine with_usual_words(const CLI::App& app, CommandLine line) {
  Words& own = line.own;
  if (own.empty()) return line;
  for (std::string& word : own)
    if (is_one_of(word, {"/?", "-?", "-help"})) word = "--help";
  if (own.size() == 1 && is_one_of(own[0], {"version", "-v", "-version"})) own[0] = "--version";
  const bool is_named = own.size() == 2 && is_one_of(own[0], {"keygen", "uninstall"});
  if (own.size() == 2 && own[1] == "help" && !is_named && find_command(app, own[0]) != nullptr)
    own[1] = "--help";
  if (own[0] == "help") {
    own.erase(own.begin());
    own.emplace_back("--help");
  }
  const bool is_known = is_option_like(own[0]) || find_command(app, own[0]) != nullptr;
  if (const auto meant = command_meant(app, own[0]);
      asks_for_help(line) && !is_known && !meant.empty())
    own[0] = meant;
  return line;
}

std::optional<Error> mistake_in(const CLI::App& app, const CommandLine& line) {
  if (asks_for_help(line)) return std::nullopt;
  const auto first = slip_in(app, line);
  if (!first) return std::nullopt;
  if (!first->meant) return Error{first->what, first->hint};
  CommandLine meant = *first->meant;
  // one mistake often hides another, and the answer has to be right as a whole
  for (int mended = 1; mended < 8; ++mended) {
    auto next = slip_in(app, meant);
    if (!next || !next->meant) break;
    meant = std::move(*next->meant);
  }
  return Error{first->what, text_of(meant)};
}

}  // namespace tunnel::cmd
