// Mends the first word that has no place, then the next.
#include "cmd/cli/command_mistakes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "cmd/cli/addresses_meant.hpp"
#include "cmd/cli/command_reading.hpp"
#include "cmd/cli/option_mistakes.hpp"
#include "cmd/cli/slip.hpp"
#include "cmd/cli/spelling.hpp"
#include "cmd/cli/word_mistakes.hpp"

namespace tunnel::cmd {

namespace {

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
    return Slip{in_quotes(word) + " is a second file", std::nullopt,
                "put the services of both into one file, or start tunnel once for each"};
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

// --- a command behind -- without `run`

std::optional<Slip> slip_of_dashes(const Reading& reading, const CommandLine& line) {
  if (!line.has_dashes || reading.command() == "run") return std::nullopt;
  const std::string what = "only tunnel run takes a command after --";
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
  if (auto slip = slip_in_options(app, reading, line)) return slip;
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
    if (!next) break;
    // what is left, only its author knows
    if (!next->meant) return Error{first->what, next->hint};
    meant = std::move(*next->meant);
  }
  return Error{first->what, text_of(meant)};
}

}  // namespace tunnel::cmd
