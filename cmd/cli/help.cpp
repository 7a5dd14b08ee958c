// Help in two columns.
#include "cmd/cli/help.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "cmd/cli/options_read.hpp"
#include "cmd/cli/wrap.hpp"

namespace tunnel::cmd {

namespace {

constexpr std::size_t indent = 31;  // of the description of an option

// A row of two columns; the right one may take several lines.
std::string row(std::string_view left, std::string_view right) {
  std::string out = fmt::format("  {}", left);
  std::size_t used = out.size();
  if (used + 2 > indent && used + 2 + right.size() <= screen_width)
    return fmt::format("{}  {}\n", out, right);
  if (used + 2 > indent) {
    out += '\n';
    used = 0;
  }
  out += std::string(indent - used, ' ');
  return out + wrapped(right, indent, indent);
}

}  // namespace

HelpFormatter::HelpFormatter() {
  enable_description_formatting(false);
  enable_footer_formatting(false);
}

std::string HelpFormatter::make_description(const CLI::App* app) const {
  return app->get_description();
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
  if (const std::string own = app->get_usage(); !own.empty()) return own + "\n";
  std::string out = "Usage: " + name;
  for (const CLI::Option* option : positionals_of(*app))
    out += option->get_required() ? " " + placeholder_of(*option)
                                  : fmt::format(" [{}]", placeholder_of(*option));
  for (const CLI::Option* option : options_of(*app))
    if (option->get_required())
      out += fmt::format(" {} {}", names_of(*option).back(), placeholder_of(*option));
  out += " [OPTIONS]";
  if (!subcommands_of(*app).empty()) out += fmt::format(", or {} COMMAND ...", name);
  return out + "\n";
}

std::string HelpFormatter::make_group(std::string, bool positional,
                                      std::vector<const CLI::Option*> options) const {
  std::string out;
  // the options that every program has come last
  std::stable_partition(options.begin(), options.end(), [](const CLI::Option* option) {
    return !option->check_lname("help") && !option->check_lname("version");
  });
  for (const CLI::Option* option : options) out += make_option(option, positional);
  return out;
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool positional) const {
  if (positional) return row(placeholder_of(*option), option->get_description());
  std::string left = fmt::format("{}", fmt::join(names_of(*option), ", "));
  if (takes_value(*option)) left += " " + placeholder_of(*option);
  return row(left, option->get_description());
}

std::string HelpFormatter::make_subcommands(const CLI::App* app, CLI::AppFormatMode) const {
  const auto commands = subcommands_of(*app);
  if (commands.empty()) return {};
  std::string out =
      fmt::format("Commands (run '{} COMMAND --help' for details):\n", app->get_name());
  for (const CLI::App* command : commands) {
    // a narrow first column: names are short, descriptions are not
    out += fmt::format("  {:<10}{}\n", command->get_name(), command->get_description());
  }
  return out;
}

}  // namespace tunnel::cmd
