// Specifications for _arguments of zsh.
#include "cmd/cli/completion/completion_zsh.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cmd/cli/completion/replaced.hpp"
#include "cmd/cli/options_read.hpp"

namespace tunnel::cmd {

namespace {

std::string zsh_quoted(const std::string& text) { return "'" + replaced(text, "'", "'\\''") + "'"; }

// Escapes text within a specification of _arguments.
std::string zsh_escaped(std::string text) {
  for (const std::string_view special : {"\\", ":", "[", "]"})
    text = replaced(std::move(text), special, "\\" + std::string(special));
  return text;
}

std::string zsh_action(const CLI::Option& option) {
  const Words choices = choices_of(option);
  if (!choices.empty()) return fmt::format("({})", fmt::join(choices, " "));
  if (takes_file(option)) return "_files";
  if (takes_command(option)) return "_command_names -e";
  return " ";
}

std::string zsh_options(const CLI::App& app) {
  std::string out;
  for (const CLI::Option* option : options_of(app)) {
    const Words names = names_of(*option);
    const std::string what = "[" + zsh_escaped(option->get_description()) + "]";
    for (const std::string& name : names) {
      std::string spec;
      if (may_be_repeated(*option))
        spec = "*";
      else
        spec = fmt::format("({})", fmt::join(names, " "));
      spec += name;
      if (takes_value(*option))
        spec += (name.starts_with("--") ? "=" : "+") + what + ":" +
                zsh_escaped(placeholder_of(*option)) + ":" + zsh_action(*option);
      else
        spec += what;
      out += fmt::format(" \\\n      {}", zsh_quoted(spec));
    }
  }
  return out;
}

std::string zsh_positionals(const CLI::App& app) {
  std::string out;
  for (const CLI::Option* option : positionals_of(app)) {
    const bool many = option->get_items_expected_max() > 1;
    const std::string what = zsh_escaped(placeholder_of(*option));
    std::string action = zsh_action(*option);
    // a hint beside the options would keep zsh from completing the only match
    if (action == " ") action = fmt::format("_guard \"^-*\" \"{}\"", what);
    out += fmt::format(" \\\n      {}", zsh_quoted((many ? "*:" : ":") + what + ":" + action));
  }
  return out;
}

}  // namespace

std::string completion_for_zsh(const CLI::App& app) {
  std::string commands, cases;
  for (const CLI::App* command : subcommands_of(app)) {
    commands += " \\\n        " + zsh_quoted(replaced(command->get_name(), ":", "\\:") + ":" +
                                             command->get_description());
    cases += fmt::format("        {})\n          _arguments -S{}{}\n          ;;\n",
                         command->get_name(), zsh_options(*command), zsh_positionals(*command));
  }
  return fmt::format(R"sh(#compdef tunnel
# zsh completion for tunnel: as the file _tunnel in a folder of $fpath, or, after compinit,
#   source <(tunnel --completion zsh)

_tunnel() {{
  local curcontext=$curcontext state line
  local -A opt_args
  local -a commands
  _arguments -C -S -A "-*"{} \
      '1: :->command' '*:: :->rest' && return
  case $state in
    command)
      commands=({})
      _describe -t commands command commands
      ;;
    rest)
      case $words[1] in
{}      esac
      ;;
  esac
}}

if [[ ${{funcstack[1]}} == _tunnel ]]; then
  _tunnel "$@"
else
  compdef _tunnel tunnel
fi
)sh",
                     zsh_options(app), commands, cases);
}

}  // namespace tunnel::cmd
