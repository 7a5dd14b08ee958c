// A bash function with a `case` for each subcommand, previous word and current word.
#include "cmd/cli/completion/completion_bash.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cmd/cli/options_read.hpp"

namespace tunnel::cmd {

namespace {

// Patterns of a `case` over COMMAND,OPTION.
std::string bash_patterns(const std::string& command, const CLI::Option& option) {
  Words patterns;
  for (const std::string& name : names_of(option)) patterns.push_back(command + "," + name);
  return fmt::format("{}", fmt::join(patterns, "|"));
}

std::string bash_values(const std::vector<Level>& levels) {
  std::string out;
  for (const Level& level : levels)
    for (const CLI::Option* option : options_of(*level.app)) {
      if (!takes_value(*option)) continue;
      const Words choices = choices_of(*option);
      out += fmt::format("    {}) ", bash_patterns(level.name, *option));
      if (!choices.empty())
        out += fmt::format("_tunnel_words '{}'; return ;;\n", fmt::join(choices, " "));
      else
        out += takes_file(*option) ? "_tunnel_files; return ;;\n" : "return ;;\n";
    }
  return out;
}

std::string bash_rest(const std::vector<Level>& levels) {
  std::string out;
  for (const Level& level : levels) {
    out += fmt::format("    {},-*) _tunnel_words '{}' ;;\n", level.name,
                       fmt::join(option_names(*level.app), " "));
    if (level.name.empty())
      out +=
          fmt::format("    ,*) _tunnel_words '{}' ;;\n", fmt::join(command_names(*level.app), " "));
    else if (any_positional(*level.app, takes_command))
      out += fmt::format("    {},*) COMPREPLY=($(compgen -c -- \"$cur\")) ;;\n", level.name);
    else if (any_positional(*level.app, takes_file))
      out += fmt::format("    {},*) _tunnel_files ;;\n", level.name);
  }
  return out;
}

}  // namespace

std::string completion_for_bash(const CLI::App& app) {
  const auto levels = levels_of(app);
  Words with_value;
  for (const Level& level : levels)
    for (const std::string& name : option_names(*level.app, true))
      if (std::ranges::find(with_value, name) == with_value.end()) with_value.push_back(name);
  return fmt::format(R"sh(# bash completion for tunnel, to be read by bash:
#   source <(tunnel --completion bash)

_tunnel_words() {{
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}}

# by the shell itself, which knows how to quote them; an old bash does not know how to ask for that
_tunnel_files() {{
  compopt -o default 2>/dev/null || COMPREPLY=($(compgen -f -- "$cur"))
}}

_tunnel() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} command= i
  COMPREPLY=()
  # --config=FILE is three words
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=${{COMP_WORDS[COMP_CWORD-2]}}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in
      {}) [[ ${{COMP_WORDS[i+1]}} == = ]] && ((i++)); ((i++)) ;;
      {}) command=${{COMP_WORDS[i]}}; break ;;
    esac
  done
  case $command,$prev in
{}  esac
  case $command,$cur in
{}  esac
}}

complete -F _tunnel tunnel
)sh",
                     fmt::join(with_value, "|"), fmt::join(command_names(app), "|"),
                     bash_values(levels), bash_rest(levels));
}

}  // namespace tunnel::cmd
