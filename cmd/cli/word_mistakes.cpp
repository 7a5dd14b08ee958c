// The cases, the most certain first.
#include "cmd/cli/word_mistakes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/host.hpp"
#include "base/path.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "cmd/cli/addresses_meant.hpp"
#include "cmd/cli/spelling.hpp"

namespace tunnel::cmd {

namespace {

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
  return Slip{fmt::format("{} takes no configuration file, and {} is one", reading.name(),
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
      return Slip{"give ACCEPT and CONNECT as two words",
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
    return Slip{in_quotes(reading.word(at)) + " is a command, and goes after --", meant};
  }
  const std::string connect = reading.positional(0);
  if (line.has_dashes || connect.empty() || connect == "-" || is_host_and_port(connect) ||
      connect.find_first_of(".:") != connect.npos)
    return std::nullopt;
  return Slip{"say which relay to go to, before the command", std::nullopt,
              fmt::format("tunnel run relay.example:41234 -- {}", shell_word(connect))};
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

}  // namespace

std::optional<Slip> slip_in_addresses(const Reading& reading, const CommandLine& line) {
  if (is_one_of(reading.command(), {"keygen", "uninstall", "install"})) return std::nullopt;
  for (const std::size_t at : reading.positionals()) {
    if (const auto target = target_of_url(reading.word(at)))
      return Slip{in_quotes(reading.word(at)) + " is a URL; give HOST:PORT",
                  with_replaced(line, at, *target)};
    if (at == 0 || !is_port(reading.word(at)) || !reading.may_be_host(at - 1)) continue;
    const std::string& before = reading.word(at - 1);
    const auto begin = before.find('=') + 1;  // of HOST in NAME=HOST; 0 where there is no name
    if (!is_bare_host(std::string_view(before).substr(begin))) continue;
    const std::string target =
        before.substr(0, begin) + with_port(before.substr(begin), reading.word(at));
    return Slip{fmt::format("\"{} {}\" must be one word", one_line(before), reading.word(at)),
                with_replaced(with_removed(line, at), at - 1, target)};
  }
  return std::nullopt;
}

std::optional<Slip> slip_in_words(const Reading& reading, const CommandLine& line) {
  const std::string command = reading.command();
  if (auto slip = slip_in_addresses(reading, line)) return slip;
  if (is_one_of(command, {"client", "server"})) return slip_of_direct(reading, line);
  if (is_one_of(command, {"check", "status", "run", "install", "upgrade"}))
    if (auto slip = slip_of_file_given_as_word(reading, line)) return slip;
  if (command == "run") return slip_of_run(reading, line);
  if (command == "uninstall" && is_configuration(reading.positional(0))) {
    const std::string name = tunnel::text_of(path_of(reading.positional(0)).stem());
    return Slip{in_quotes(reading.positional(0)) + " is a file; give the service's NAME",
                with_replaced(line, reading.positionals()[0], name)};
  }
  return std::nullopt;
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

}  // namespace tunnel::cmd
