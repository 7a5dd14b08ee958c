// The cases, the most certain first.
#include "cmd/cli/option_mistakes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.hpp"
#include "cmd/cli/spelling.hpp"

namespace tunnel::cmd {

namespace {

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
  return Slip{fmt::format("{} has no option {}: give ACCEPT and CONNECT without options",
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
                "tunnel install --config vnc.toml sets up a service"};
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
    hint += "; other keys of the file go with --set, such as --set idle_timeout=8h";
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
  const std::string what = fmt::format("{} must come after {}", first, reading.command());
  if (find_option(reading.level(), first) == nullptr)
    return Slip{what, std::nullopt, help_hint(reading)};
  CommandLine meant = line;
  std::rotate(meant.own.begin(), meant.own.begin() + static_cast<Offset>(command),
              meant.own.begin() + static_cast<Offset>(command) + 1);
  return Slip{what, meant};
}

}  // namespace

std::optional<Slip> slip_in_options(const CLI::App& app, const Reading& reading,
                                    const CommandLine& line) {
  if (auto slip = slip_of_option(app, reading, line)) return slip;
  if (auto slip = slip_of_value(reading, line)) return slip;
  return slip_of_order(reading, line);
}

}  // namespace tunnel::cmd
