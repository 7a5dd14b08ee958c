// The choice of a script.
#include "cmd/cli/completion/completion.hpp"

#include "cmd/cli/completion/completion_bash.hpp"
#include "cmd/cli/completion/completion_fish.hpp"
#include "cmd/cli/completion/completion_powershell.hpp"
#include "cmd/cli/completion/completion_zsh.hpp"

namespace tunnel::cmd {

std::optional<std::string> completion_script(const CLI::App& app, std::string_view shell) {
  if (shell == "bash") return completion_for_bash(app);
  if (shell == "zsh") return completion_for_zsh(app);
  if (shell == "fish") return completion_for_fish(app);
  if (shell == "powershell") return completion_for_powershell(app);
  return std::nullopt;
}

}  // namespace tunnel::cmd
