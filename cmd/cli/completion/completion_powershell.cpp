// Tables of words for PowerShell, and a function that looks them up.
#include "cmd/cli/completion/completion_powershell.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cmd/cli/completion/replaced.hpp"
#include "cmd/cli/options_read.hpp"

namespace tunnel::cmd {

namespace {

std::string powershell_quoted(const std::string& text) {
  return "'" + replaced(text, "'", "''") + "'";
}

std::string powershell_entry(const std::string& word, const std::string& what) {
  return fmt::format("      {} = {}\n", powershell_quoted(word), powershell_quoted(what));
}

}  // namespace

std::string completion_for_powershell(const CLI::App& app) {
  std::string tables, values;
  for (const Level& level : levels_of(app)) {
    tables += fmt::format("    {} = [ordered]@{{\n", powershell_quoted(level.name));
    for (const CLI::App* command : subcommands_of(*level.app))
      tables += powershell_entry(command->get_name(), command->get_description());
    for (const CLI::Option* option : options_of(*level.app))
      for (const std::string& name : names_of(*option)) {
        tables += powershell_entry(name, option->get_description());
        if (!takes_value(*option)) continue;
        Words choices = choices_of(*option);
        for (std::string& choice : choices) choice = powershell_quoted(choice);
        values += fmt::format("    {} = @({})\n", powershell_quoted(level.name + "," + name),
                              fmt::join(choices, ", "));
      }
    tables += "    }\n";
  }
  return fmt::format(R"ps(# PowerShell completion for tunnel, for the profile:
#   tunnel --completion powershell | Out-String | Invoke-Expression
# Where it has no answer, PowerShell offers files.

Register-ArgumentCompleter -Native -CommandName tunnel -ScriptBlock {{
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @{{
{}  }}
  $values = @{{
{}  }}
  $command = ''
  $previous = ''
  foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {{
    if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete) {{ break }}
    $word = $element.Extent.Text
    if (-not $command -and $words.ContainsKey($word) -and
        -not $values.ContainsKey(",$previous")) {{ $command = $word }}
    $previous = $word
  }}
  $key = "$command,$previous"
  if ($values.ContainsKey($key)) {{
    $values[$key] | Where-Object {{ $_ -like "$wordToComplete*" }}
    return
  }}
  foreach ($entry in $words[$command].GetEnumerator()) {{
    if ($entry.Key -like "$wordToComplete*") {{
      [System.Management.Automation.CompletionResult]::new(
        $entry.Key, $entry.Key, 'ParameterValue', $entry.Value)
    }}
  }}
}}
)ps",
                     tables, values);
}

}  // namespace tunnel::cmd
