// Queries on CLI11's Apps and options.
#include "cmd/cli/options_read.hpp"

#include <algorithm>
#include <cctype>

namespace tunnel::cmd {

namespace {

bool is_shown(const CLI::Option* option) { return !option->get_group().empty(); }

bool is_choice(const std::string& word) {
  return !word.empty() && std::ranges::all_of(word, [](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-';
  });
}

}  // namespace

std::vector<const CLI::App*> subcommands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) {
    return !command->get_name().empty() && !command->get_group().empty();
  });
}

std::vector<const CLI::Option*> positionals_of(const CLI::App& app) {
  return app.get_options(
      [](const CLI::Option* option) { return is_shown(option) && option->get_positional(); });
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  return app.get_options(
      [](const CLI::Option* option) { return is_shown(option) && option->nonpositional(); });
}

Words names_of(const CLI::Option& option) {
  Words names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

bool may_be_repeated(const CLI::Option& option) {
  return option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
}

std::string placeholder_of(const CLI::Option& option) {
  std::string type = option.get_type_name();
  // CLI11's default name for a string says less than the option's name
  const bool is_default = type == "TEXT" || type.find_first_not_of(' ') == type.npos;
  if (option.get_positional() && is_default) return option.get_name(true);
  return type;
}

bool takes_file(const CLI::Option& option) {
  return placeholder_of(option).find("FILE") != std::string::npos;
}

bool takes_command(const CLI::Option& option) {
  return placeholder_of(option).find("COMMAND") != std::string::npos;
}

Words choices_of(const CLI::Option& option) {
  const std::string text = placeholder_of(option);
  if (text.find('|') == std::string::npos) return {};
  Words words;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('|', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return std::ranges::all_of(words, is_choice) ? words : Words();
}

std::vector<Level> levels_of(const CLI::App& app) {
  std::vector<Level> levels = {{"", &app}};
  for (const CLI::App* command : subcommands_of(app))
    levels.push_back({command->get_name(), command});
  return levels;
}

Words command_names(const CLI::App& app) {
  Words names;
  for (const CLI::App* command : subcommands_of(app)) names.push_back(command->get_name());
  return names;
}

Words option_names(const CLI::App& app, bool with_value_only) {
  Words names;
  for (const CLI::Option* option : options_of(app))
    if (!with_value_only || takes_value(*option))
      for (const std::string& name : names_of(*option)) names.push_back(name);
  return names;
}

bool any_positional(const CLI::App& app, bool (*what)(const CLI::Option&)) {
  for (const CLI::Option* option : positionals_of(app))
    if (what(*option)) return true;
  return false;
}

}  // namespace tunnel::cmd
