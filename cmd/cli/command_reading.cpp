// Walks through the words.
#include "cmd/cli/command_reading.hpp"

#include <algorithm>

#include "cmd/cli/addresses_meant.hpp"
#include "cmd/cli/spelling.hpp"

namespace tunnel::cmd {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

std::string_view name_part(std::string_view word) { return word.substr(0, word.find('=')); }

const CLI::Option* find_option(const CLI::App& app, std::string_view name) {
  for (const CLI::Option* option : options_of(app))
    for (const std::string& own : names_of(*option))
      if (own == name) return option;
  return nullptr;
}

const CLI::App* find_command(const CLI::App& app, std::string_view name) {
  const auto found = app.get_subcommands(
      [&](const CLI::App* command) { return !name.empty() && command->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

Reading::Reading(const CLI::App& app, const CommandLine& line)
    : line_(line), app_(&app), top_(&app) {
  for (std::size_t at = 0; at < line.own.size() && read(at); at = next_) {
  }
}

bool Reading::may_be_host(std::size_t at) const {
  return std::ranges::find(hosts_, at) != hosts_.end();
}

bool Reading::has(std::string_view option) const {
  return std::ranges::find(given_, option) != given_.end();
}

bool Reading::read(std::size_t at) {
  next_ = at + 1;
  const std::string& word = line_.own[at];
  if (is_option_like(word)) return read_option(at);
  const CLI::App* command = is_top() && positionals_.empty() ? find_command(*top_, word) : nullptr;
  if (command == nullptr) return read_positional(at);
  app_ = command;
  command_at_ = at;
  return true;
}

bool Reading::read_positional(std::size_t at) {
  positionals_.push_back(at);
  hosts_.push_back(at);
  if (command() != "run" || line_.has_dashes) return true;
  // what follows may be the options of another command
  const std::size_t own = has("--config") ? 0 : 1;
  const bool is_port_of_last = is_port(word(at)) && at > 0 && is_bare_host(word(at - 1));
  return positionals_.size() <= own || is_port_of_last;
}

bool Reading::read_option(std::size_t at) {
  const std::string name(name_part(word(at)));
  const CLI::Option* option = find_option(*app_, name);
  if (option == nullptr) {
    unknown_ = at;
    return false;
  }
  if (takes_value(*option) && !may_be_repeated(*option) && has(name)) twice_ = at;
  given_.push_back(name);
  if (!takes_value(*option) || name.size() < word(at).size()) return true;
  const bool has_value =
      at + 1 < line_.own.size() && find_option(*app_, name_part(word(at + 1))) == nullptr;
  if (!has_value) {
    without_value_ = at;
    return false;
  }
  if (is_one_of(name, {"--connect", "--accept"})) hosts_.push_back(at + 1);
  next_ = at + 2;
  return true;
}

}  // namespace tunnel::cmd
