// A fish `complete` command for each word.
#include "cmd/cli/completion/completion_fish.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cmd/cli/completion/replaced.hpp"
#include "cmd/cli/options_read.hpp"

namespace tunnel::cmd {

namespace {

std::string fish_quoted(const std::string& text) {
  return "'" + replaced(replaced(text, "\\", "\\\\"), "'", "\\'") + "'";
}

std::string fish_options(const CLI::App& app, const std::string& begin) {
  std::string out;
  for (const CLI::Option* option : options_of(app)) {
    out += begin;
    for (const std::string& name : option->get_snames()) out += " -s " + name;
    for (const std::string& name : option->get_lnames()) out += " -l " + name;
    const Words choices = choices_of(*option);
    if (!choices.empty())
      out += fmt::format(" -x -a '{}'", fmt::join(choices, " "));
    else if (takes_value(*option))
      out += takes_file(*option) ? " -r -F" : " -x";
    out += " -d " + fish_quoted(option->get_description()) + "\n";
  }
  if (any_positional(app, takes_command))
    out += begin + " -a '(__fish_complete_command)'\n";
  else if (any_positional(app, takes_file))
    out += begin + " -F\n";
  return out;
}

}  // namespace

std::string completion_for_fish(const CLI::App& app) {
  const std::string names = fmt::format("{}", fmt::join(command_names(app), " "));
  const std::string none =
      fmt::format("complete -c tunnel -n 'not __fish_seen_subcommand_from {}'", names);
  std::string out =
      "# fish completion for tunnel: as ~/.config/fish/completions/tunnel.fish, or\n"
      "#   tunnel --completion fish | source\n\n"
      "complete -c tunnel -f\n";
  for (const CLI::App* command : subcommands_of(app))
    out += fmt::format("{} -a {} -d {}\n", none, command->get_name(),
                       fish_quoted(command->get_description()));
  out += fish_options(app, none);
  for (const CLI::App* command : subcommands_of(app))
    out += fish_options(
        *command,
        fmt::format("complete -c tunnel -n '__fish_seen_subcommand_from {}'", command->get_name()));
  return out;
}

}  // namespace tunnel::cmd
